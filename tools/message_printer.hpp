// What is written of messages: a line each, so that nobody takes one for two or two for one.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/websocket/connection.hpp>

#include <string>

namespace drywire::tools {

/// In constant memory, however long a message is:
///
/// * Text is written as it is, and each line end in it with a tab behind. So a line that begins
///   with a tab goes on with the message before it.
/// * A message that begins with a tab or a backslash has a backslash before it.
/// * A binary message is `\x` and its bytes in hexadecimal.
class message_printer {
 public:
  enum class form : unsigned char {
    lines,
    terminal,  ///< lines, with control characters as `\x1b`: they don't command the terminal
    raw,       ///< every byte as it comes, with nothing between messages
  };

  explicit message_printer(form how) noexcept : form_(how) {}

  /// What is written of the next piece; valid until the one behind it, or as long as the piece.
  [[nodiscard]] const_bytes print(const websocket::message& piece);

 private:
  void add_text(std::string_view text);
  void add_visibly(char c);
  void add_hex_escape(unsigned char u);
  void add_hex(const_bytes bytes);

  form form_;
  bool at_start_ = true;  // nothing of the message was written yet
  bool held_ = false;     // a byte that may begin a control character, 0xC2
  std::string line_;      // what is written next
};

}  // namespace drywire::tools
