// The frames of gzip (RFC 1952 2.3) and zlib (RFC 1950 2.2) around the data.
#include <drywire/deflate/content_decoder.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace drywire::deflate {

namespace {

// RFC 1952 2.3.1.
constexpr std::array<std::uint8_t, 3> gzip_magic{0x1f, 0x8b, 8};
constexpr std::uint8_t has_head_check = 0x02;
constexpr std::uint8_t has_extra = 0x04;
constexpr std::uint8_t has_name = 0x08;
constexpr std::uint8_t has_comment = 0x10;
constexpr std::uint8_t reserved = 0xe0;

// RFC 1950 2.2.
constexpr bool begins_zlib(std::uint8_t cmf) noexcept {
  return (cmf & 0x0f) == 8 && (cmf >> 4) <= 7;
}
constexpr std::uint8_t wants_dictionary = 0x20;

std::uint8_t number(std::byte b) noexcept { return std::to_integer<std::uint8_t>(b); }

bool same_name(std::string_view name, std::string_view lower) noexcept {
  return std::ranges::equal(name, lower, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

}  // namespace

std::optional<coding> coding_of(std::string_view name) noexcept {
  if (same_name(name, "gzip") || same_name(name, "x-gzip")) return coding::gzip;
  if (same_name(name, "deflate")) return coding::deflate;
  return std::nullopt;
}

std::string_view to_string(fault f) noexcept {
  switch (f) {
    case fault::bad_header: return "bad header";
    case fault::bad_data: return "bad data";
    case fault::bad_checksum: return "bad checksum";
    case fault::data_after_end: return "data after the end";
    case fault::truncated: return "truncated";
    case fault::ratio_exceeded: return "ratio exceeded";
    case fault::size_exceeded: return "size exceeded";
    case fault::no_memory: return "no memory";
  }
  return "unknown";
}

// Chooses the format by the first byte, without consuming it. A raw stream can't begin as zlib does
// unless it begins with a stored block whose padding isn't zero, which no deflater writes.
void content_decoder::begin(std::byte first) noexcept {
  if (coding_ == coding::gzip) {
    format_ = format::gzip;
    checksum_ = 0;
    enter(part::gzip_head);
  } else if (begins_zlib(number(first))) {
    format_ = format::zlib;
    enter(part::zlib_head);
  } else {
    format_ = format::raw;
    begin_body();
  }
}

void content_decoder::read_frame(std::byte byte) noexcept {
  const std::uint8_t b = number(byte);
  inflater_.add_encoded(1);
  switch (part_) {
    case part::gzip_head:
    case part::extra_size:
    case part::extra:
    case part::name:
    case part::comment: return read_gzip_head(b);
    case part::head_check:  // CRC-16 here means the lower half of the CRC-32.
      if (!collect_little(b, 2)) return;
      return value_ == (checksum_ & 0xffff) ? begin_body() : fail(fault::bad_header);
    case part::zlib_head: {
      if (!collect_big(b, 2)) return;
      const bool right = value_ % 31 == 0 && (value_ & wants_dictionary) == 0;
      return right ? begin_body() : fail(fault::bad_header);
    }
    case part::trailer: return read_trailer(b);
    case part::member_end:
      if (b != gzip_magic[0]) return fail(fault::data_after_end);
      begin(byte);
      return read_gzip_head(b);
    case part::end: return fail(fault::data_after_end);
    case part::begin:
    case part::body: assert(false);  // decode() reads these.
  }
}

void content_decoder::read_gzip_head(std::uint8_t b) noexcept {
  checksum_ = static_cast<std::uint32_t>(crc32(checksum_, &b, 1));
  switch (part_) {
    case part::gzip_head: return read_fixed_head(b);
    case part::extra_size:
      if (!collect_little(b, 2)) return;
      extra_size_ = static_cast<std::uint32_t>(value_);
      return extra_size_ == 0 ? enter_field(part::name) : enter(part::extra);
    case part::extra:
      if (++part_bytes_ == extra_size_) enter_field(part::name);
      return;
    case part::name:
      if (b == 0) enter_field(part::comment);
      return;
    default:
      if (b == 0) enter_field(part::head_check);
      return;
  }
}

void content_decoder::read_fixed_head(std::uint8_t b) noexcept {
  const std::uint32_t at = part_bytes_++;
  if (at < gzip_magic.size() && b != gzip_magic[at]) return fail(fault::bad_header);
  if (at == 3) {
    flags_ = b;
    if ((b & reserved) != 0) return fail(fault::bad_header);
  }
  if (at == 9)
    enter_field(part::extra_size);  // Time, level and system in between say nothing here.
}

// The next of the optional fields that this member has, from `first` on.
void content_decoder::enter_field(part first) noexcept {
  if (first <= part::extra_size && (flags_ & has_extra) != 0) return enter(part::extra_size);
  if (first <= part::name && (flags_ & has_name) != 0) return enter(part::name);
  if (first <= part::comment && (flags_ & has_comment) != 0) return enter(part::comment);
  if ((flags_ & has_head_check) != 0) return enter(part::head_check);
  begin_body();
}

void content_decoder::enter(part p) noexcept {
  part_ = p;
  part_bytes_ = 0;
  value_ = 0;
}

void content_decoder::begin_body() noexcept {
  enter(part::body);
  checksum_ = format_ == format::zlib ? 1 : 0;  // where Adler-32 and CRC-32 begin
  member_bytes_ = 0;
}

void content_decoder::end_body() noexcept {
  enter(format_ == format::raw ? part::end : part::trailer);
  inflater_.release();
}

void content_decoder::read_trailer(std::uint8_t b) noexcept {
  const bool gzip = format_ == format::gzip;
  if (!(gzip ? collect_little(b, 8) : collect_big(b, 4))) return;
  const std::uint64_t size = std::uint64_t{member_bytes_} << 32;
  if (value_ != (gzip ? size | checksum_ : checksum_)) return fail(fault::bad_checksum);
  enter(gzip ? part::member_end : part::end);
}

// True with the last of `size` bytes: value_ is the number then.
bool content_decoder::collect_little(std::uint8_t b, std::uint32_t size) noexcept {
  value_ |= std::uint64_t{b} << 8 * part_bytes_;
  return ++part_bytes_ == size;
}

bool content_decoder::collect_big(std::uint8_t b, std::uint32_t size) noexcept {
  value_ = value_ << 8 | b;
  return ++part_bytes_ == size;
}

}  // namespace drywire::deflate
