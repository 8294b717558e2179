#include "endpoints.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace drywire::sim {

namespace {

constexpr std::uint32_t net_v4 = 0x0a000000;  // 10.0.0.0/8
constexpr std::uint32_t numbers_end = 1U << 24;

using bytes16 = std::array<std::uint8_t, 16>;

std::uint32_t v4_of(const endpoint& where) noexcept {
  sockaddr_in address{};
  std::memcpy(&address, where.native(), sizeof address);
  return ntohl(address.sin_addr.s_addr);
}

bytes16 v6_of(const endpoint& where) noexcept {
  sockaddr_in6 address{};
  std::memcpy(&address, where.native(), sizeof address);
  bytes16 bytes;
  std::memcpy(bytes.data(), &address.sin6_addr, sizeof bytes);
  return bytes;
}

endpoint made_v6(const bytes16& bytes, std::uint16_t port) noexcept {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  std::memcpy(&address.sin6_addr, bytes.data(), sizeof bytes);
  return endpoint::from_native(&address, sizeof address).value_or(endpoint());
}

void write_v4(bytes16& bytes, std::uint32_t v4) noexcept {
  for (std::size_t i = 0; i != 4; ++i) {
    bytes[12 + i] = static_cast<std::uint8_t>(v4 >> (24 - 8 * i));
  }
}

std::uint32_t read_v4(const bytes16& bytes) noexcept {
  std::uint32_t v4 = 0;
  for (std::size_t i = 12; i != 16; ++i) v4 = v4 << 8 | bytes[i];
  return v4;
}

bool is_zero(const std::uint8_t* from, const std::uint8_t* to) noexcept {
  return std::all_of(from, to, [](std::uint8_t b) { return b == 0; });
}

}  // namespace

endpoint address_v4(std::uint32_t number, std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(net_v4 + number);
  return endpoint::from_native(&address, sizeof address).value_or(endpoint());
}

endpoint address_v6(std::uint32_t number, std::uint16_t port) noexcept {
  bytes16 bytes{0xfd};
  write_v4(bytes, number);
  return made_v6(bytes, port);
}

std::uint32_t host_number(const endpoint& where) noexcept {
  if (!is_internet(where)) return 0;
  if (!where.is_v6()) {
    const std::uint32_t v4 = v4_of(where);
    return v4 >= net_v4 && v4 < net_v4 + numbers_end ? v4 - net_v4 : 0;
  }
  const bytes16 bytes = v6_of(where);
  const bool ours = bytes[0] == 0xfd && is_zero(bytes.data() + 1, bytes.data() + 12);
  return ours ? read_v4(bytes) : 0;
}

bool is_loopback(const endpoint& where) noexcept {
  if (!where.is_v6()) return v4_of(where) >> 24 == 127;
  const bytes16 bytes = v6_of(where);
  return is_zero(bytes.data(), bytes.data() + 15) && bytes[15] == 1;
}

bool is_any(const endpoint& where) noexcept {
  if (!where.is_v6()) return v4_of(where) == 0;
  const bytes16 bytes = v6_of(where);
  return is_zero(bytes.data(), bytes.data() + 16);
}

bool same_address(const endpoint& a, const endpoint& b) noexcept {
  if (a.is_v6() != b.is_v6()) return false;
  return a.is_v6() ? v6_of(a) == v6_of(b) : v4_of(a) == v4_of(b);
}

endpoint mapped(const endpoint& v4) noexcept {
  bytes16 bytes{};
  bytes[10] = bytes[11] = 0xff;
  write_v4(bytes, v4_of(v4));
  return made_v6(bytes, v4.port());
}

bool is_internet(const endpoint& where) noexcept {
  sa_family_t family = 0;
  std::memcpy(&family, where.native(), sizeof family);
  return family == AF_INET || family == AF_INET6;
}

}  // namespace drywire::sim
