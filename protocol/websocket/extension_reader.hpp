// The grammar of Sec-WebSocket-Extensions, RFC 6455 9.1:
//
//   extension-list  = 1#( token *( ";" extension-param ) )
//   extension-param = token [ "=" ( token / quoted-string ) ]
//
// A quoted value has to be a token behind its backslashes. White space may stand around each part,
// and elements of the list may be empty, RFC 9110 5.6.1.
#pragma once

#include <optional>
#include <string_view>

namespace drywire::websocket {

struct extension_param {
  std::string_view name;
  std::string_view value;  ///< without its quotes, but with its backslashes
  bool has_value = false;
};

/// Reads one field's value from front to back. Behind whatever breaks the grammar there is nothing.
class extension_reader {
 public:
  explicit extension_reader(std::string_view value) noexcept : rest_(value) {}

  /// The name of the next extension; empty at the end. Skips what wasn't read of the one before.
  [[nodiscard]] std::string_view next_extension() noexcept;
  /// The next parameter of that extension; nothing behind its last one.
  [[nodiscard]] std::optional<extension_param> next_param() noexcept;
  /// Known for what was read: for all of it once next_extension() was empty.
  [[nodiscard]] bool malformed() const noexcept { return malformed_; }

 private:
  [[nodiscard]] std::string_view take_token() noexcept;
  [[nodiscard]] std::optional<std::string_view> take_quoted() noexcept;
  [[nodiscard]] bool take(char c) noexcept;
  void skip_space() noexcept;
  void fail() noexcept;

  std::string_view rest_;
  bool inside_ = false;  // an extension, whose parameters may follow
  bool malformed_ = false;
};

}  // namespace drywire::websocket
