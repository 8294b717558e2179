// The message that comes: whether its frames keep the limits, and its text UTF-8.
#pragma once

#include <drywire/websocket/connection.hpp>
#include <drywire/websocket/utf8.hpp>

namespace drywire::websocket {

class message_reader {
 public:
  /// A frame of data begins. Precondition: read_header() had nothing against it.
  [[nodiscard]] std::optional<fault> begin_frame(const frame_header& header,
                                                 const limits& l) noexcept;

  /// From its first header until its end.
  [[nodiscard]] bool open() const noexcept { return open_; }
  [[nodiscard]] bool compressed() const noexcept { return compressed_; }

  /// The next bytes of the message; `last`: nothing follows. What can be told of them is a prefix,
  /// and none if it is empty and not the last. If it isn't all, wrong() says why.
  [[nodiscard]] std::optional<message> read(const_bytes bytes, bool last) noexcept;
  [[nodiscard]] bool wrong() const noexcept { return wrong_; }

 private:
  std::uint64_t size_ = 0;  // that its headers have announced
  std::uint32_t fragments_ = 0;
  utf8_validator text_;  // complete between two messages
  websocket::kind kind_ = websocket::kind::text;
  bool open_ = false;
  bool compressed_ = false;
  bool told_ = false;   // a part of it
  bool wrong_ = false;  // not UTF-8 behind what was told
};

}  // namespace drywire::websocket
