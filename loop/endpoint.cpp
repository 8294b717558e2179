#include "unix_name.hpp"

#include <drywire/loop/endpoint.hpp>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace drywire {

namespace {

constexpr std::size_t unix_name_at = offsetof(sockaddr_un, sun_path);

// The kernels take a path without the NUL, but programs that read the address may not.
constexpr std::size_t unix_name_max = sizeof(sockaddr_un) - unix_name_at - 1;

// The one place where the bytes become a socket address and back.
template <class Address>
Address read_as(const void* bytes) noexcept {
  Address address;
  std::memcpy(&address, bytes, sizeof(address));
  return address;
}

sockaddr_in v4_address(in_addr_t host_order, std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host_order);
  address.sin_port = htons(port);
  return address;
}

sockaddr_in6 v6_address(const in6_addr& host, std::uint16_t port) noexcept {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = host;
  address.sin6_port = htons(port);
  return address;
}

endpoint make(const sockaddr_in& address) noexcept {
  return *endpoint::from_native(&address, sizeof(address));
}

endpoint make(const sockaddr_in6& address) noexcept {
  return *endpoint::from_native(&address, sizeof(address));
}

template <class Number>
bool parse_number(std::string_view text, Number& number) noexcept {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

// inet_pton() and if_nametoindex() want a terminated string.
struct terminated {
  char text[INET6_ADDRSTRLEN + 1] = {};

  [[nodiscard]] bool set(std::string_view from) noexcept {
    if (from.size() >= sizeof(text)) return false;
    if (from.find('\0') != std::string_view::npos) return false;
    std::memcpy(text, from.data(), from.size());
    text[from.size()] = '\0';
    return true;
  }
};

std::optional<endpoint> parse_v4(std::string_view host, std::uint16_t port) noexcept {
  terminated text;
  in_addr address{};
  if (!text.set(host) || ::inet_pton(AF_INET, text.text, &address) != 1) return std::nullopt;
  return make(v4_address(ntohl(address.s_addr), port));
}

// An interface by name or number.
bool parse_scope(std::string_view name, std::uint32_t& scope) noexcept {
  if (parse_number(name, scope)) return true;
  terminated text;
  if (name.size() >= IF_NAMESIZE || !text.set(name)) return false;
  scope = ::if_nametoindex(text.text);
  return scope != 0;
}

std::optional<endpoint> parse_v6(std::string_view host, std::uint16_t port) noexcept {
  const std::size_t percent = host.find('%');
  terminated text;
  in6_addr parsed{};
  if (!text.set(host.substr(0, percent))) return std::nullopt;
  if (::inet_pton(AF_INET6, text.text, &parsed) != 1) return std::nullopt;
  sockaddr_in6 address = v6_address(parsed, port);
  if (percent != std::string_view::npos &&
      !parse_scope(host.substr(percent + 1), address.sin6_scope_id)) {
    return std::nullopt;
  }
  return make(address);
}

std::string scope_suffix(std::uint32_t scope) {
  char name[IF_NAMESIZE] = {};
  if (scope == 0) return {};
  return '%' + (::if_indextoname(scope, name) != nullptr ? name : std::to_string(scope));
}

// A name in the Unix domain behind `nul_before` NULs; one behind it is there already.
struct unix_address {
  unix_address(std::string_view name, std::size_t nul_before) noexcept {
    native.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), native.sun_path + nul_before);
  }
  sockaddr_un native{};
};

std::optional<endpoint> parse_unix(std::string_view text) noexcept {
  const bool abstract = text.starts_with('@');
  if (abstract) text.remove_prefix(1);
  unescaped_name name;
  if (!name.read(text)) return std::nullopt;
  const std::string_view bytes = name.bytes();
  const auto made = abstract ? endpoint::unix_abstract(bytes) : endpoint::unix_path(bytes);
  return made ? std::optional(*made) : std::nullopt;
}

}  // namespace

endpoint::endpoint(const void* address, std::size_t size) noexcept
    : size_(static_cast<std::uint8_t>(size)) {
  static_assert(sizeof(sockaddr_in6) <= native_size_max && sizeof(sockaddr_un) <= native_size_max);
  std::memcpy(address_.data(), address, size);
}

endpoint::endpoint() noexcept {
  const sockaddr_in any = v4_address(INADDR_ANY, 0);
  *this = endpoint(&any, sizeof(any));
}

std::optional<endpoint> endpoint::parse(std::string_view text) noexcept {
  constexpr std::string_view unix_prefix = "unix:";
  if (text.starts_with(unix_prefix)) return parse_unix(text.substr(unix_prefix.size()));
  const std::size_t colon = text.rfind(':');
  const bool only_port = colon == std::string_view::npos;
  const std::string_view host = only_port ? std::string_view() : text.substr(0, colon);
  std::uint16_t port = 0;
  if (!parse_number(only_port ? text : text.substr(colon + 1), port)) return std::nullopt;
  if (only_port) return loopback_v4(port);
  if (host.empty()) return make(v6_address(in6addr_any, port));
  if (host.front() != '[') return parse_v4(host, port);
  if (host.back() != ']') return std::nullopt;
  return parse_v6(host.substr(1, host.size() - 2), port);
}

// The size that a system tells of a path may count the NUL behind it, or more, or not.
std::optional<endpoint> endpoint::from_native(const void* address, std::size_t size) noexcept {
  constexpr std::size_t family_end = offsetof(sockaddr, sa_family) + sizeof(sa_family_t);
  sa_family_t family = AF_UNSPEC;
  if (size < family_end) return std::nullopt;
  std::memcpy(&family, static_cast<const std::byte*>(address) + offsetof(sockaddr, sa_family),
              sizeof(family));
  const bool v4 = family == AF_INET && size == sizeof(sockaddr_in);
  const bool v6 = family == AF_INET6 && size == sizeof(sockaddr_in6);
  if (v4 || v6) return endpoint(address, size);
  if (family != AF_UNIX || size > sizeof(sockaddr_un) + 1) return std::nullopt;
  endpoint copy(address, std::min(size, sizeof(sockaddr_un)));
  const std::size_t name_size = copy.unix_name().size();
  if (name_size == 0) return unix_unnamed();
  copy.size_ =
      static_cast<std::uint8_t>(std::min(unix_name_at + name_size + 1, sizeof(sockaddr_un)));
  return copy;
}

endpoint endpoint::loopback_v4(std::uint16_t port) noexcept {
  return make(v4_address(INADDR_LOOPBACK, port));
}

endpoint endpoint::loopback_v6(std::uint16_t port) noexcept {
  return make(v6_address(in6addr_loopback, port));
}

result<endpoint> endpoint::unix_path(std::string_view path) noexcept {
  if (path.empty() || path.find('\0') != std::string_view::npos) return error(EINVAL);
  if (path.size() > unix_name_max) return error(ENAMETOOLONG);
  const unix_address address(path, 0);
  return endpoint(&address.native, unix_name_at + path.size() + 1);
}

result<endpoint> endpoint::unix_abstract(std::string_view name) noexcept {
  if (name.empty()) return error(EINVAL);
  if (name.size() > unix_name_max) return error(ENAMETOOLONG);
  const unix_address address(name, 1);
  return endpoint(&address.native, unix_name_at + 1 + name.size());
}

endpoint endpoint::unix_unnamed() noexcept {
  const unix_address address({}, 0);
  return {&address.native, unix_name_at};
}

bool endpoint::is_v6() const noexcept { return read_as<sockaddr>(native()).sa_family == AF_INET6; }

bool endpoint::is_unix() const noexcept { return read_as<sockaddr>(native()).sa_family == AF_UNIX; }

bool endpoint::is_abstract() const noexcept {
  return is_unix() && size_ > unix_name_at + 1 && address_[unix_name_at] == std::byte{};
}

std::string_view endpoint::unix_name() const noexcept {
  if (!is_unix() || size_ <= unix_name_at) return {};
  const std::string_view all(reinterpret_cast<const char*>(address_.data()) + unix_name_at,
                             size_ - unix_name_at);
  return is_abstract() ? all.substr(1) : all.substr(0, all.find('\0'));
}

// The port lies at the same place in both.
static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));

std::uint16_t endpoint::port() const noexcept {
  if (is_unix()) return 0;
  return ntohs(read_as<sockaddr_in>(native()).sin_port);
}

void endpoint::set_port(std::uint16_t port) noexcept {
  if (is_unix()) return;
  const in_port_t network_order = htons(port);
  std::memcpy(address_.data() + offsetof(sockaddr_in, sin_port), &network_order,
              sizeof(network_order));
}

std::string endpoint::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_unix()) return (is_abstract() ? "unix:@" : "unix:") + escaped_name(unix_name());
  if (!is_v6()) {
    const auto address = read_as<sockaddr_in>(native());
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
    return std::string(text) + ':' + std::to_string(port());
  }
  const auto address = read_as<sockaddr_in6>(native());
  ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof(text));
  return std::string("[") + text + scope_suffix(address.sin6_scope_id) +
         "]:" + std::to_string(port());
}

bool operator==(const endpoint& a, const endpoint& b) noexcept {
  if (a.is_unix() || b.is_unix()) {
    return a.size_ == b.size_ && std::memcmp(a.native(), b.native(), a.size_) == 0;
  }
  if (a.is_v6() != b.is_v6() || a.port() != b.port()) return false;
  if (!a.is_v6()) {
    return read_as<sockaddr_in>(a.native()).sin_addr.s_addr ==
           read_as<sockaddr_in>(b.native()).sin_addr.s_addr;
  }
  const auto v6_a = read_as<sockaddr_in6>(a.native());
  const auto v6_b = read_as<sockaddr_in6>(b.native());
  return v6_a.sin6_scope_id == v6_b.sin6_scope_id &&
         std::memcmp(&v6_a.sin6_addr, &v6_b.sin6_addr, sizeof(in6_addr)) == 0;
}

}  // namespace drywire
