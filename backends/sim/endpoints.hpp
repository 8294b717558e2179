// The addresses of simulated hosts. That of the host with number n is 10.0.0.0 + n, and fd00::n.
#pragma once

#include <drywire/loop/endpoint.hpp>

#include <cstdint>

namespace drywire::sim {

[[nodiscard]] endpoint address_v4(std::uint32_t number, std::uint16_t port) noexcept;
[[nodiscard]] endpoint address_v6(std::uint32_t number, std::uint16_t port) noexcept;

/// 0 when it is no host's.
[[nodiscard]] std::uint32_t host_number(const endpoint& where) noexcept;
/// 127.0.0.0/8 or ::1.
[[nodiscard]] bool is_loopback(const endpoint& where) noexcept;
/// 0.0.0.0 or ::, which as a place to listen is any address.
[[nodiscard]] bool is_any(const endpoint& where) noexcept;
/// Neither of its address.
[[nodiscard]] bool same_address(const endpoint& a, const endpoint& b) noexcept;
/// RFC 4291 2.5.5.2: what a socket of IPv6 calls an IPv4 peer.
[[nodiscard]] endpoint mapped(const endpoint& v4) noexcept;
/// TCP over IPv4 or IPv6.
[[nodiscard]] bool is_internet(const endpoint& where) noexcept;

}  // namespace drywire::sim
