// UTF-8, RFC 3629, checked as it comes.
//
// The fastest way the processor has is chosen once, at run time; there is a portable one.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstddef>
#include <cstdint>

namespace drywire::websocket {

/// Checks one text after the other, in portions of any size. What it says doesn't depend on the
/// portions: a text is refused with the first byte that nothing valid can have there.
class utf8_validator {
 public:
  /// The next bytes of the text. False: it isn't UTF-8, and nothing that follows can mend it. Then
  /// only reset() helps.
  [[nodiscard]] bool feed(const_bytes bytes) noexcept;
  /// Whether what was fed since reset() ends behind a whole character.
  [[nodiscard]] bool complete() const noexcept { return needed_ == 0; }
  /// A new text begins.
  void reset() noexcept { *this = {}; }

 private:
  void step(std::byte next) noexcept;
  void refuse() noexcept;

  std::uint8_t needed_ = 0;     // continuation bytes still to come
  std::uint8_t lowest_ = 0x80;  // what the next of them may be
  std::uint8_t highest_ = 0xBF;
};

/// Whether all of it is UTF-8.
[[nodiscard]] bool is_utf8(const_bytes text) noexcept;

}  // namespace drywire::websocket
