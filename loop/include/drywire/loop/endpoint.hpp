// The address of one end of a stream or of a datagram socket: IPv4 or IPv6 with a port, or a name
// in the Unix domain.
#pragma once

#include <drywire/loop/error.hpp>

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
  /// too), "8080" (127.0.0.1), "unix:/run/x.sock" (a path, also a relative one), "unix:@name" (an
  /// abstract name). In the latter two `\x0a` is the byte 0x0a, and a backslash is `\x5c`. No host
  /// name is looked up. Empty when `text` isn't one of these, such as a path that is too long.
  [[nodiscard]] static std::optional<endpoint> parse(std::string_view text) noexcept;

  /// Copies a sockaddr_in, sockaddr_in6 or sockaddr_un of `size` bytes. Empty for another family or
  /// size.
  [[nodiscard]] static std::optional<endpoint> from_native(const void* address,
                                                           std::size_t size) noexcept;

  [[nodiscard]] static endpoint loopback_v4(std::uint16_t port) noexcept;
  [[nodiscard]] static endpoint loopback_v6(std::uint16_t port) noexcept;

  /// A socket in the file system. ENAMETOOLONG for more than 107 bytes (103 on the BSDs), EINVAL
  /// for none or a NUL among them.
  [[nodiscard]] static result<endpoint> unix_path(std::string_view path) noexcept;
  /// A name that is no file, and gone with its socket: only Linux has such. Any bytes.
  /// ENAMETOOLONG for more than 107, EINVAL for none.
  [[nodiscard]] static result<endpoint> unix_abstract(std::string_view name) noexcept;
  /// What most clients have in the Unix domain. As a place to listen or to bind, Linux chooses a
  /// free abstract name.
  [[nodiscard]] static endpoint unix_unnamed() noexcept;

  [[nodiscard]] bool is_v6() const noexcept;
  [[nodiscard]] bool is_unix() const noexcept;
  /// In the Unix domain, with an abstract name.
  [[nodiscard]] bool is_abstract() const noexcept;
  /// The path or the abstract name, without the NUL before or behind it; lies in this endpoint.
  /// Empty for what has neither.
  [[nodiscard]] std::string_view unix_name() const noexcept;

  /// 0 in the Unix domain.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// No effect in the Unix domain.
  void set_port(std::uint16_t port) noexcept;

  /// For bind, connect and their like: a `const sockaddr*` as void, and its size in bytes.
  [[nodiscard]] const void* native() const noexcept { return address_.data(); }
  [[nodiscard]] std::size_t native_size() const noexcept { return size_; }

  /// The form that parse() reads, but for an unnamed one, which is "unix:". Space, control
  /// characters, the double quote and the backslash are escaped: a name that a peer chose can't
  /// forge a line of a log.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const endpoint& a, const endpoint& b) noexcept;

 private:
  static constexpr std::size_t native_size_max = 110;  // of a sockaddr_un

  endpoint(const void* address, std::size_t size) noexcept;

  alignas(8) std::array<std::byte, native_size_max> address_{};
  std::uint8_t size_;
};

}  // namespace drywire
