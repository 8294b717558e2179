// What may stand behind a chunk's size, RFC 9112 7.1.1, byte by byte:
//
//   chunk-ext = *( ";" chunk-ext-name [ "=" ( token / quoted-string ) ] )
//
// Without the whitespace around ";" and "=" that senders may not make. llhttp knows roughly what an
// extension is; two readers that disagree about where a quoted value ends disagree about the body.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstdint>

namespace drywire::http1 {

/// One size line after the other, in portions of any size.
class chunk_extension {
 public:
  /// The next bytes of the line. False: one of them can't stand there.
  [[nodiscard]] bool feed(const_bytes bytes) noexcept;

 private:
  enum class part : std::uint8_t {
    none,  // before the first ";", and behind the line
    name_begin,
    name,
    value_begin,
    value,
    quoted,
    escaped,
    quoted_end,
    wrong,
  };

  static part behind(part p, char c) noexcept;
  static part behind_value(char c) noexcept;

  part part_ = part::none;
};

}  // namespace drywire::http1
