#include <drywire/loop/endpoint.hpp>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

namespace drywire {

namespace {

constexpr std::size_t native_bytes_max = 32;

// The one place where the bytes become a socket address and back.
template <class Address>
Address read_as(const void* bytes) noexcept {
  static_assert(sizeof(Address) <= native_bytes_max);
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

}  // namespace

static_assert(sizeof(sockaddr_in6) <= native_bytes_max);

endpoint::endpoint() noexcept {
  const sockaddr_in any = v4_address(INADDR_ANY, 0);
  std::memcpy(address_.data(), &any, sizeof(any));
}

std::optional<endpoint> endpoint::parse(std::string_view text) noexcept {
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

std::optional<endpoint> endpoint::from_native(const void* address, std::size_t size) noexcept {
  sa_family_t family = AF_UNSPEC;
  if (size < sizeof(sockaddr_in) || size > native_bytes_max) return std::nullopt;
  std::memcpy(&family, static_cast<const std::byte*>(address) + offsetof(sockaddr, sa_family),
              sizeof(family));
  const bool v4 = family == AF_INET && size == sizeof(sockaddr_in);
  const bool v6 = family == AF_INET6 && size == sizeof(sockaddr_in6);
  if (!v4 && !v6) return std::nullopt;
  endpoint copy;
  std::memcpy(copy.address_.data(), address, size);
  return copy;
}

endpoint endpoint::loopback_v4(std::uint16_t port) noexcept {
  return make(v4_address(INADDR_LOOPBACK, port));
}

endpoint endpoint::loopback_v6(std::uint16_t port) noexcept {
  return make(v6_address(in6addr_loopback, port));
}

bool endpoint::is_v6() const noexcept { return read_as<sockaddr>(native()).sa_family == AF_INET6; }

std::size_t endpoint::native_size() const noexcept {
  return is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

// The port lies at the same place in both.
static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));

std::uint16_t endpoint::port() const noexcept {
  return ntohs(read_as<sockaddr_in>(native()).sin_port);
}

void endpoint::set_port(std::uint16_t port) noexcept {
  const in_port_t network_order = htons(port);
  std::memcpy(address_.data() + offsetof(sockaddr_in, sin_port), &network_order,
              sizeof(network_order));
}

std::string endpoint::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
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
