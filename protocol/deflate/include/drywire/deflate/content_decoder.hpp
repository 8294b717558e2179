// The content codings gzip (RFC 1952) and deflate (RFC 1950) undone (RFC 9110 8.4.1), in pieces of
// any size.
//
// Encoded bytes and room go into decode(), decoded bytes come back; finish() says whether what
// came was whole. What comes out, and which fault, doesn't depend on where the input was cut or how
// large the room was, save that memory may run out. Immovable, one thread.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/deflate/limited_inflater.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace drywire::deflate {

enum class coding : std::uint8_t {
  gzip,     ///< one member after the other (RFC 1952 2.2); what they hold is joined
  deflate,  ///< the zlib format; raw deflate is taken as well, because some servers send it
};

/// The coding that a Content-Encoding names, in any case; `x-gzip` is gzip (RFC 9110 8.4.1.3).
[[nodiscard]] std::optional<coding> coding_of(std::string_view name) noexcept;

enum class fault : std::uint8_t {
  bad_header,      ///< doesn't begin as the coding does, or wants a dictionary that nobody has
  bad_data,        ///< not a deflate stream
  bad_checksum,    ///< what was decoded hasn't the checksum or the length that the end tells
  data_after_end,  ///< bytes behind the end that begin no other member
  truncated,       ///< finish() before the end
  ratio_exceeded,  ///< more than `ratio_max`
  size_exceeded,   ///< more than `output_bytes_max`
  no_memory,       ///< ours, not the sender's: the storage had no block
};
inline constexpr std::size_t fault_count = 8;

[[nodiscard]] std::string_view to_string(fault f) noexcept;

class content_decoder {
 public:
  struct progress {
    std::size_t consumed;  ///< bytes from the front of the input; all, unless the room was used up
    std::size_t produced;  ///< decoded bytes at the front of the room, right even before a fault
    std::optional<fault> failed;  ///< for good: nothing is consumed or produced any more
  };

  /// Draws on `memory`, whose blocks are of inflate_block_bytes() or larger (inflater.hpp says what
  /// else does), from the first byte of data until the end, a fault or the destructor.
  content_decoder(storage& memory, coding c, const limits& l = {}) noexcept;

  /// Decodes until the input is consumed or the room used up. If the room was, there may be more
  /// even without input: call again. What a decoded byte's checksum says is only known at the end.
  [[nodiscard]] progress decode(const_bytes in, mutable_bytes out) noexcept;

  /// No input comes any more. Precondition: the last decode() left room. Nothing at all is whole,
  /// too: servers send empty bodies without an encoding's frame.
  [[nodiscard]] std::optional<fault> finish() noexcept;

  /// Decoded bytes so far.
  [[nodiscard]] std::uint64_t produced() const noexcept { return inflater_.decoded(); }

 private:
  enum class part : std::uint8_t {
    begin,
    gzip_head,
    extra_size,
    extra,
    name,
    comment,
    head_check,
    zlib_head,
    body,
    trailer,
    member_end,  // of gzip: another member may follow
    end,
  };
  enum class format : std::uint8_t { gzip, zlib, raw };

  // The frame around the data (content_frame.cpp).
  void begin(std::byte first) noexcept;
  void read_frame(std::byte b) noexcept;
  void read_gzip_head(std::uint8_t b) noexcept;
  void read_fixed_head(std::uint8_t b) noexcept;
  void enter_field(part first) noexcept;
  void enter(part p) noexcept;
  void begin_body() noexcept;
  void end_body() noexcept;
  void read_trailer(std::uint8_t b) noexcept;
  bool collect_little(std::uint8_t b, std::uint32_t size) noexcept;
  bool collect_big(std::uint8_t b, std::uint32_t size) noexcept;

  // The data.
  bool read_body(const_bytes& in, mutable_bytes& out) noexcept;
  void keep(const_bytes decoded) noexcept;
  void fail(fault f) noexcept;

  limited_inflater inflater_;
  std::uint32_t checksum_ = 0;      // of a gzip head, then of the decoded bytes
  std::uint32_t member_bytes_ = 0;  // decoded bytes of this member, modulo 2^32 as gzip counts
  std::uint64_t value_ = 0;         // of a number in the frame, as far as it came
  std::uint32_t part_bytes_ = 0;    // of this part of the frame that came
  std::uint32_t extra_size_ = 0;
  std::uint8_t flags_ = 0;  // of the gzip member
  coding coding_;
  format format_ = format::raw;
  part part_ = part::begin;
  std::optional<fault> failed_;
};

}  // namespace drywire::deflate
