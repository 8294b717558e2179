#include <drywire/websocket/frame.hpp>

#include <algorithm>
#include <cassert>

namespace drywire::websocket {

namespace {

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t compressed_bit = 0x40;  // RSV1
constexpr std::uint8_t reserved_bits = 0x30;   // RSV2, RSV3
constexpr std::uint8_t masked_bit = 0x80;
constexpr std::uint8_t two_byte_length = 126;
constexpr std::uint8_t eight_byte_length = 127;

std::uint8_t octet(const_bytes bytes, std::size_t at) noexcept {
  return std::to_integer<std::uint8_t>(bytes[at]);
}

bool is_reserved(unsigned opcode) noexcept { return (opcode > 2 && opcode < 8) || opcode > 10; }

std::optional<fault> check_first_byte(std::uint8_t byte, const frame_rules& rules) noexcept {
  const unsigned code = byte & 0x0FU;
  const bool compressed = (byte & compressed_bit) != 0;
  if ((byte & reserved_bits) != 0) return fault::reserved_bits;
  if (compressed && !rules.compression) return fault::reserved_bits;
  if (is_reserved(code)) return fault::reserved_opcode;
  if (code >= 8) {
    if (compressed) return fault::compressed_control;
    if ((byte & fin_bit) == 0) return fault::fragmented_control;
    return std::nullopt;
  }
  const bool continues = code == 0;
  if (continues && !rules.message_open) return fault::unexpected_continuation;
  if (!continues && rules.message_open) return fault::interrupted_message;
  if (continues && compressed) return fault::compressed_continuation;
  return std::nullopt;
}

std::optional<fault> check_second_byte(std::uint8_t byte, const frame_header& header,
                                       const frame_rules& rules) noexcept {
  const bool masked = (byte & masked_bit) != 0;
  if (masked != rules.masked) return masked ? fault::masked_frame : fault::unmasked_frame;
  const unsigned length = byte & 0x7FU;
  if (header.control() && length > control_bytes_max) return fault::long_control;
  if (header.opcode == opcode::close && length == 1) return fault::short_close;
  return std::nullopt;
}

// RFC 6455 5.2: the minimal number of bytes, and the first bit of eight is 0. `digits` may lack its
// end.
std::optional<fault> check_length(const_bytes digits, std::size_t whole) noexcept {
  const auto zeros = static_cast<std::size_t>(
      std::ranges::find_if(digits, [](std::byte b) { return b != std::byte{0}; }) - digits.begin());
  if (whole == 8) {
    if (!digits.empty() && octet(digits, 0) >= 0x80) return fault::length_over_63_bits;
    if (zeros >= 6) return fault::length_not_minimal;
  } else if (digits.size() == 2 && zeros >= 1 && octet(digits, 1) < two_byte_length) {
    return fault::length_not_minimal;
  }
  return std::nullopt;
}

std::uint64_t big_endian(const_bytes digits) noexcept {
  std::uint64_t value = 0;
  for (const std::byte b : digits) value = value << 8 | std::to_integer<std::uint64_t>(b);
  return value;
}

std::size_t length_bytes(std::uint64_t length) noexcept {
  return length < two_byte_length ? 0 : length < 65536 ? 2 : 8;
}

}  // namespace

header_reading read_header(const_bytes bytes, const frame_rules& rules, frame_header& to) noexcept {
  if (bytes.empty()) return {};
  const std::uint8_t first = octet(bytes, 0);
  if (const auto wrong = check_first_byte(first, rules)) return {wrong, 0};
  to.fin = (first & fin_bit) != 0;
  to.compressed = (first & compressed_bit) != 0;
  to.opcode = static_cast<opcode>(first & 0x0FU);
  if (bytes.size() < 2) return {};
  const std::uint8_t second = octet(bytes, 1);
  if (const auto wrong = check_second_byte(second, to, rules)) return {wrong, 0};
  to.masked = rules.masked;
  const unsigned length = second & 0x7FU;
  const std::size_t more = length == two_byte_length ? 2U : length == eight_byte_length ? 8U : 0U;
  const const_bytes digits = bytes.subspan(2, std::min(more, bytes.size() - 2));
  if (const auto wrong = check_length(digits, more)) return {wrong, 0};
  const std::size_t size = 2 + more + (to.masked ? to.key.size() : 0);
  if (bytes.size() < size) return {};
  to.length = more == 0 ? length : big_endian(digits);
  if (to.masked) std::ranges::copy(bytes.subspan(2 + more, to.key.size()), to.key.begin());
  return {std::nullopt, size};
}

std::size_t header_bytes(const frame_header& header) noexcept {
  return 2 + length_bytes(header.length) + (header.masked ? header.key.size() : 0);
}

std::size_t write_header(const frame_header& header, mutable_bytes to) noexcept {
  const std::size_t size = header_bytes(header);
  assert(size <= to.size());
  const std::size_t more = length_bytes(header.length);
  const std::uint64_t length = more == 0   ? header.length
                               : more == 2 ? two_byte_length
                                           : eight_byte_length;
  const unsigned first = static_cast<unsigned>(header.opcode) | (header.fin ? fin_bit : 0U) |
                         (header.compressed ? compressed_bit : 0U);
  to[0] = static_cast<std::byte>(first);
  to[1] = static_cast<std::byte>(length | (header.masked ? masked_bit : 0U));
  for (std::size_t i = 0; i < more; ++i) {
    to[2 + i] = static_cast<std::byte>(header.length >> 8 * (more - 1 - i));
  }
  if (header.masked)
    std::ranges::copy(header.key, to.begin() + static_cast<std::ptrdiff_t>(2 + more));
  return size;
}

}  // namespace drywire::websocket
