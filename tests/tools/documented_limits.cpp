// docs/security.md and docs/client.md name every limit with the default that the code has, and what
// shows an answer to an attack is a test that exists.
#include "limit_names.hpp"

#include <drywire/adapters/coroutine/fetch.hpp>
#include <drywire/adapters/http_client.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace drywire;
using namespace drywire::tools;

namespace {

using cells = std::vector<std::string>;

// The rows of all tables in the part of the page below a heading.
std::vector<cells> rows_below(const std::string& page, const std::string& heading) {
  std::ifstream in(DRYWIRE_SOURCE_DIR "/docs/" + page);
  std::vector<cells> rows;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) inside = line == heading;
    if (!inside || !line.starts_with("| ") || line.starts_with("| ---")) continue;
    cells row;
    for (std::size_t at = 2, end = 0; (end = line.find(" |", at)) != line.npos; at = end + 3) {
      row.push_back(end < at ? "" : line.substr(at, end - at));
    }
    rows.push_back(row);
  }
  REQUIRE(rows.size() > 2);
  rows.erase(rows.begin());
  return rows;
}

std::string without(char c, std::string text) {
  std::erase(text, c);
  return text;
}

auto socket_values(const websocket::limits& limits) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = limits;
  return std::tuple(a, b, c, d, e, f, g, h, i.nanoseconds, j.nanoseconds, k.nanoseconds,
                    l.nanoseconds, m.nanoseconds);
}

// Each limit's value, in the order of its members: whoever adds one has to say so here.
auto values(const http_server_options& server, const site_options& site) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = server.limits;
  const auto ns = [](duration t) { return t.nanoseconds; };
  const auto& [ma, mb, mc] = server.websockets;
  return std::tuple_cat(std::tuple(a, b, c, d, e, f, g, h, i, j, k, ns(l), ns(m), ns(n), ns(o),
                                   ns(p), server.connections_max, server.blocks_max,
                                   site.ranges_max, site.listing_entries_max),
                        socket_values(site.websockets.limits),
                        std::tuple(ma, mb, mc, site.chat_message_bytes_max,
                                   site.chat_queued_bytes_max, site.chat_members_max));
}

struct all_options {
  all_options() {
    // Not the defaults, so that a limit that the page doesn't set is noticed.
    for (const std::string_view name : limit_names()) {
      const bool is_time = name.ends_with("timeout") || name == "ws-ping-after";
      set(name, is_time ? "1ms" : "1");
    }
  }
  void set(std::string_view name, std::string_view value) {
    set_limit(server, site, name, value, "docs/security.md");
  }
  http_server_options server;
  site_options site;
};

std::string size(std::size_t bytes) { return std::to_string(bytes / 1024) + " KiB"; }
std::string time(duration d) { return std::to_string(d.nanoseconds / 1'000'000'000) + " s"; }
std::string number(std::uint64_t n) { return std::to_string(n); }

}  // namespace

TEST_CASE("the page on security has every limit of the command, with its default") {
  all_options documented;
  CHECK(values(documented.server, documented.site) != values({}, {}));
  std::vector<std::string> names;
  for (const cells& row : rows_below("security.md", "## The limits")) {
    REQUIRE(row.size() == 3);
    CAPTURE(row[0], row[1]);
    names.push_back(without('`', row[0]));
    documented.set(names.back(), without(' ', row[1]));
    CHECK_FALSE(row[2].empty());
  }
  const auto all = limit_names();
  CHECK(names == std::vector<std::string>(all.begin(), all.end()));
  CHECK(values(documented.server, documented.site) == values({}, {}));
}

TEST_CASE("the page on the client has every limit of it, with its default") {
  const http_client_options o;
  const auto& [limits, per_origin, connections, idle, waiting, url, redirect, blocks, bodies, ratio,
               connect, close, names, connect_to] = o;
  static_cast<void>(std::tie(limits, names, connect_to));
  const http_request r;
  CHECK(r.body_bytes_max == UINT64_MAX);
  CHECK(r.timeout == duration::max());
  const std::vector<std::pair<std::string, std::string>> all = {
      {"connections_per_origin_max", number(per_origin)},
      {"connections_max", number(connections)},
      {"idle_connections_max", number(idle)},
      {"calls_waiting_max", number(waiting)},
      {"url_bytes_max", size(url)},
      {"redirect_body_bytes_max", size(redirect)},
      {"blocks_max", number(blocks)},
      {"decoded_bodies_max", number(bodies)},
      {"decoded_ratio_max", number(ratio)},
      {"connect_timeout", time(connect)},
      {"close_timeout", time(close)},
      {"http_request::body_bytes_max", "none"},
      {"co::fetch_options::collected_bytes_max",
       number(co::fetch_options{}.collected_bytes_max >> 20) + " MiB"},
      {"http_request::timeout", "none"},
      {"http_request::redirects_max", number(r.redirects_max)},
  };
  std::vector<std::pair<std::string, std::string>> documented;
  for (const cells& row : rows_below("client.md", "## Limits")) {
    documented.emplace_back(without('`', row.at(0)), row.at(1));
  }
  CHECK(documented == all);
}

TEST_CASE("the page on get has every limit of it, with its default") {
  const auto values = [](const http_client_options& o) {
    const http1::client_limits& l = o.limits;
    return std::tuple(l.head_bytes_max, l.start_line_bytes_max, l.fields_max,
                      l.chunk_overhead_bytes_max, l.trailer_bytes_max, l.body_bytes_max,
                      l.informational_max, l.head_timeout.nanoseconds, l.body_timeout.nanoseconds,
                      l.write_timeout.nanoseconds, l.response_timeout.nanoseconds,
                      l.expect_timeout.nanoseconds, o.close_timeout.nanoseconds, o.url_bytes_max,
                      o.redirect_body_bytes_max, o.decoded_ratio_max);
  };
  http_client_options documented;
  for (const std::string_view name : client_limit_names()) {
    set_client_limit(documented, name, name.ends_with("timeout") ? "1ms" : "1", "docs/get.md");
  }
  CHECK(values(documented) != values({}));
  std::vector<std::string> names;
  for (const cells& row : rows_below("get.md", "## Limits")) {
    REQUIRE(row.size() == 3);
    names.push_back(without('`', row[0]));
    set_client_limit(documented, names.back(), without(' ', row[2]), "docs/get.md");
  }
  const auto all = client_limit_names();
  CHECK(names == std::vector<std::string>(all.begin(), all.end()));
  CHECK(values(documented) == values({}));
}

TEST_CASE("what shows an answer to an attack exists") {
  std::size_t paths = 0;
  for (const std::string heading : {"## Attacks on a server", "## Attacks on a client"}) {
    for (const cells& row : rows_below("security.md", heading)) {
      REQUIRE(row.size() == 3);
      std::string shown = row[2];
      CAPTURE(row[0], shown);
      CHECK(std::count(shown.begin(), shown.end(), '`') >= 2);
      for (std::size_t at = 0; (at = shown.find('`', at)) != shown.npos; ++paths) {
        const std::size_t end = shown.find('`', ++at);
        REQUIRE(end != shown.npos);
        const std::string path = shown.substr(at, end - at);
        CAPTURE(path);
        CHECK(path.starts_with("tests/"));
        CHECK(std::filesystem::exists(DRYWIRE_SOURCE_DIR "/" + path));
        at = end + 1;
      }
    }
  }
  CHECK(paths > 20);
}
