// The address of one end of a stream: IPv4 or IPv6 with a port.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drywire {

/// A value; holds the operating system's socket address, so that nothing is converted on the way.
class endpoint {
 public:
  /// 0.0.0.0:0, which as a place to listen is any IPv4 address and a free port.
  endpoint() noexcept;

  /// "127.0.0.1:8080", "[::1]:8080", "[fe80::1%eth0]:8080", ":8080" (any address, v6 that takes v4
  /// too), "8080" (127.0.0.1). No name is looked up. Empty when `text` isn't one of these.
  [[nodiscard]] static std::optional<endpoint> parse(std::string_view text) noexcept;

  /// Copies a sockaddr_in or sockaddr_in6 of `size` bytes. Empty for another family or size.
  [[nodiscard]] static std::optional<endpoint> from_native(const void* address,
                                                           std::size_t size) noexcept;

  [[nodiscard]] static endpoint loopback_v4(std::uint16_t port) noexcept;
  [[nodiscard]] static endpoint loopback_v6(std::uint16_t port) noexcept;

  [[nodiscard]] bool is_v6() const noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept;
  void set_port(std::uint16_t port) noexcept;

  /// For bind, connect and their like: a `const sockaddr*` as void, and its size in bytes.
  [[nodiscard]] const void* native() const noexcept { return address_.data(); }
  [[nodiscard]] std::size_t native_size() const noexcept;

  /// The form that parse() reads.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const endpoint& a, const endpoint& b) noexcept;

 private:
  static constexpr std::size_t sockaddr_in6_size = 28;
  alignas(8) std::array<std::byte, sockaddr_in6_size + 4> address_{};
};

}  // namespace drywire
