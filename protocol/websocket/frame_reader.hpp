// Frames as they come: a header in whatever portions, then its payload, unmasked where it lies.
#pragma once

#include <drywire/websocket/frame.hpp>

#include <array>

namespace drywire::websocket {

class frame_reader {
 public:
  /// Takes a header, or the part of it that is there, from the front of `in`. A fault is known with
  /// the first byte that shows it. Precondition: no frame is open.
  [[nodiscard]] std::optional<fault> read_header(mutable_bytes& in, frame_rules rules) noexcept;

  /// A header has come, and its payload hasn't been taken whole.
  [[nodiscard]] bool open() const noexcept { return open_; }
  [[nodiscard]] const frame_header& header() const noexcept { return header_; }
  /// Bytes of the payload that weren't taken yet.
  [[nodiscard]] std::uint64_t left() const noexcept { return left_; }

  /// The payload at the front of `in`, as far as it is there, unmasked. It may be looked at again,
  /// by the next cursor, too.
  [[nodiscard]] const_bytes look(mutable_bytes in) noexcept;
  /// Takes `n` bytes of what look() gave.
  void take(mutable_bytes& in, std::size_t n) noexcept;
  /// Precondition: left() == 0.
  void close() noexcept { open_ = false; }

 private:
  frame_header header_;
  std::uint64_t left_ = 0;
  std::size_t unmasked_ = 0;  // bytes that look() has given and nobody took
  std::array<std::byte, frame_header_bytes_max> partial_;
  std::uint8_t partial_size_ = 0;
  bool open_ = false;
};

}  // namespace drywire::websocket
