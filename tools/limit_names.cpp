#include "limit_names.hpp"

#include "failure.hpp"
#include "limit_value.hpp"

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <variant>

namespace drywire::tools {

namespace {

using member = std::variant<std::uint32_t http1::limits::*, std::uint64_t http1::limits::*,
                            duration http1::limits::*, std::size_t http_server_options::*,
                            std::size_t site_options::*, std::uint32_t websocket::limits::*,
                            std::uint64_t websocket::limits::*, duration websocket::limits::*,
                            std::size_t websocket_memory::*>;

struct row {
  std::string_view name;
  member what;
};

constexpr row rows[] = {
    {"head-bytes", &http1::limits::head_bytes_max},
    {"start-line-bytes", &http1::limits::start_line_bytes_max},
    {"fields", &http1::limits::fields_max},
    {"chunk-overhead-bytes", &http1::limits::chunk_overhead_bytes_max},
    {"trailer-bytes", &http1::limits::trailer_bytes_max},
    {"empty-lines", &http1::limits::empty_lines_max},
    {"body-bytes", &http1::limits::body_bytes_max},
    {"discard-bytes", &http1::limits::discard_bytes_max},
    {"linger-bytes", &http1::limits::linger_bytes_max},
    {"output-bytes", &http1::limits::output_bytes_max},
    {"output-low-bytes", &http1::limits::output_low_bytes},
    {"head-timeout", &http1::limits::head_timeout},
    {"idle-timeout", &http1::limits::idle_timeout},
    {"body-timeout", &http1::limits::body_timeout},
    {"write-timeout", &http1::limits::write_timeout},
    {"linger-timeout", &http1::limits::linger_timeout},
    {"connections", &http_server_options::connections_max},
    {"blocks", &http_server_options::blocks_max},
    {"ranges", &site_options::ranges_max},
    {"listing-entries", &site_options::listing_entries_max},
    {"ws-message-bytes", &websocket::limits::message_bytes_max},
    {"ws-fragments", &websocket::limits::fragments_max},
    {"ws-fragment-free-bytes", &websocket::limits::fragment_free_bytes},
    {"ws-inflate-ratio", &websocket::limits::inflate_ratio_max},
    {"ws-ratio-free-bytes", &websocket::limits::ratio_free_bytes},
    {"ws-pings-unanswered", &websocket::limits::pings_unanswered_max},
    {"ws-output-bytes", &websocket::limits::output_bytes_max},
    {"ws-output-low-bytes", &websocket::limits::output_low_bytes},
    {"ws-ping-after", &websocket::limits::ping_after},
    {"ws-pong-timeout", &websocket::limits::pong_timeout},
    {"ws-message-timeout", &websocket::limits::message_timeout},
    {"ws-write-timeout", &websocket::limits::write_timeout},
    {"ws-close-timeout", &websocket::limits::close_timeout},
    {"ws-blocks", &websocket_memory::blocks_max},
    {"ws-deflate-blocks", &websocket_memory::deflate_blocks_max},
    {"ws-gathered-bytes", &websocket_memory::gathered_bytes_max},
    {"chat-message-bytes", &site_options::chat_message_bytes_max},
    {"chat-queued-bytes", &site_options::chat_queued_bytes_max},
    {"chat-members", &site_options::chat_members_max},
};

using client_member =
    std::variant<std::uint32_t http1::client_limits::*, std::uint64_t http1::client_limits::*,
                 duration http1::client_limits::*, std::size_t http_client_options::*,
                 std::uint32_t http_client_options::*, duration http_client_options::*>;

struct client_row {
  std::string_view name;
  client_member what;
};

constexpr client_row client_rows[] = {
    {"head-bytes", &http1::client_limits::head_bytes_max},
    {"start-line-bytes", &http1::client_limits::start_line_bytes_max},
    {"fields", &http1::client_limits::fields_max},
    {"chunk-overhead-bytes", &http1::client_limits::chunk_overhead_bytes_max},
    {"trailer-bytes", &http1::client_limits::trailer_bytes_max},
    {"body-bytes", &http1::client_limits::body_bytes_max},
    {"informational", &http1::client_limits::informational_max},
    {"head-timeout", &http1::client_limits::head_timeout},
    {"body-timeout", &http1::client_limits::body_timeout},
    {"write-timeout", &http1::client_limits::write_timeout},
    {"response-timeout", &http1::client_limits::response_timeout},
    {"expect-timeout", &http1::client_limits::expect_timeout},
    {"close-timeout", &http_client_options::close_timeout},
    {"url-bytes", &http_client_options::url_bytes_max},
    {"redirect-body-bytes", &http_client_options::redirect_body_bytes_max},
    {"decoded-ratio", &http_client_options::decoded_ratio_max},
};

constexpr std::string_view websocket_prefix = "ws-";

struct setter {
  std::string_view name;
  std::string_view value;
  const std::string& where;

  template <std::unsigned_integral Number>
  void set(Number& to, bool may_be_off = false) const {
    constexpr Number most = std::numeric_limits<Number>::max();
    if (may_be_off && value == "off") {
      to = most;
      return;
    }
    const bool bytes = name.ends_with("-bytes");
    const auto number = bytes ? parse_size(value, most) : parse_count(value, most);
    if (!number) throw wrong(bytes ? "a size such as 8192 or 16KiB, in its range" : "a number");
    to = static_cast<Number>(*number);
  }

  void set(duration& to, bool may_be_off = false) const {
    const auto time = may_be_off && value == "off" ? duration::max() : parse_time(value);
    if (!time) throw wrong("a time such as 500ms, 10s or 2m");
    to = *time;
  }

  [[nodiscard]] failure wrong(std::string_view wanted) const {
    return failure(where + ": " + std::string(name) + " is '" + std::string(value) + "', not " +
                   std::string(wanted));
  }
};

// Where the members of each kind are.
struct server_setter {
  http_server_options& server;
  site_options& site;
  setter to;

  template <class T>
  void operator()(T http1::limits::*what) const {
    to.set(server.limits.*what);
  }
  void operator()(std::size_t http_server_options::*what) const { to.set(server.*what); }
  void operator()(std::size_t site_options::*what) const {
    to.set(site.*what, to.name.starts_with("chat-"));
  }
  template <class T>
  void operator()(T websocket::limits::*what) const {
    to.set(site.websockets.limits.*what, true);
  }
  void operator()(std::size_t websocket_memory::*what) const {
    to.set(server.websockets.*what, true);
  }
};

// Of a client's WebSocket alone; false for others.
struct websocket_setter {
  websocket::limits& limits;
  setter to;

  template <class T>
  bool operator()(T websocket::limits::*what) const {
    to.set(limits.*what, true);
    return true;
  }
  template <class T, class Other>
  bool operator()(T Other::*) const {
    return false;
  }
};

struct client_setter {
  http_client_options& client;
  setter to;

  template <class T>
  void operator()(T http1::client_limits::*what) const {
    to.set(client.limits.*what, true);
  }
  template <class T>
  void operator()(T http_client_options::*what) const {
    to.set(client.*what, true);
  }
};

failure no_such(const std::string& where, std::string_view name, const std::string& all) {
  return failure(where + ": no limit '" + std::string(name) + "' (" + all + ")");
}

template <class T, class... Types>
constexpr bool is_of(const std::variant<Types...>& what) noexcept {
  return std::visit([]<class V, class M>(V M::*) { return std::is_same_v<M, T>; }, what);
}

}  // namespace

std::vector<std::string_view> limit_names() {
  std::vector<std::string_view> names;
  for (const row& r : rows) names.push_back(r.name);
  return names;
}

named_members count_named_members() noexcept {
  named_members count;
  for (const row& r : rows) {
    count.of_connection += is_of<http1::limits>(r.what) ? 1U : 0U;
    count.of_server += is_of<http_server_options>(r.what) ? 1U : 0U;
    count.of_site += is_of<site_options>(r.what) ? 1U : 0U;
    count.of_websocket += is_of<websocket::limits>(r.what) ? 1U : 0U;
    count.of_websocket_memory += is_of<websocket_memory>(r.what) ? 1U : 0U;
  }
  return count;
}

void set_limit(http_server_options& server, site_options& site, std::string_view name,
               std::string_view value, const std::string& where) {
  std::string all;
  for (const row& r : rows) {
    if (r.name == name)
      return std::visit(server_setter{server, site, {name, value, where}}, r.what);
    all += (all.empty() ? "" : ", ") + std::string(r.name);
  }
  throw no_such(where, name, all);
}

void set_websocket_limit(websocket::limits& limits, std::string_view name, std::string_view value,
                         const std::string& where) {
  std::string all;
  for (const row& r : rows) {
    if (!is_of<websocket::limits>(r.what)) continue;
    const std::string_view short_name = r.name.substr(websocket_prefix.size());
    if (short_name == name) {
      std::visit(websocket_setter{limits, {name, value, where}}, r.what);
      return;
    }
    all += (all.empty() ? "" : ", ") + std::string(short_name);
  }
  throw no_such(where, name, all);
}

std::vector<std::string_view> websocket_limit_names() {
  std::vector<std::string_view> names;
  for (const row& r : rows) {
    if (is_of<websocket::limits>(r.what)) names.push_back(r.name.substr(websocket_prefix.size()));
  }
  return names;
}

std::string limits_help(std::span<const std::string_view> names) {
  std::string all = "Limits:";
  for (const std::string_view name : names)
    all.append(&name == names.data() ? " " : ", ").append(name);
  return all;
}

std::vector<std::string_view> client_limit_names() {
  std::vector<std::string_view> names;
  for (const client_row& r : client_rows) names.push_back(r.name);
  return names;
}

void set_client_limit(http_client_options& client, std::string_view name, std::string_view value,
                      const std::string& where) {
  std::string all;
  for (const client_row& r : client_rows) {
    if (r.name == name) return std::visit(client_setter{client, {name, value, where}}, r.what);
    all += (all.empty() ? "" : ", ") + std::string(r.name);
  }
  throw no_such(where, name, all);
}

}  // namespace drywire::tools
