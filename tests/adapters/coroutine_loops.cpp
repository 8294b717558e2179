// Coroutines on every loop: the same handler, written as callbacks and as a coroutine, does the
// same on all of them, which its traces show.
#include "named_loop.hpp"

#include <drywire/adapters/coroutine.hpp>
#include <drywire/adapters/coroutine/fetch.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/http_trace.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/tunnel.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

constexpr std::int64_t wall_clock = 784'111'777;

// What each client sends, and in pieces of which size.
struct script {
  std::string sent;
  std::size_t cut;
};

std::vector<script> scripts() {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string big(300'000, 'b');
  return {
      {get + get + get, 1000},
      {get, 7},
      {"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789" + get, 11},
      {"POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
       "4\r\nabcd\r\n6\r\nefghij\r\n0\r\nX-Sum: 1\r\n\r\n",
       9},
      {"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + big, 40'000},
      {"PUT /no HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get, 1000},
      {get + "nonsense\r\n\r\n", 1000},
      {"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234", 1000},
  };
}

// The handler as callbacks.
void answer(exchange& x) {
  if (x.request().method == "GET") {
    static_cast<void>(x.respond(200, {{"Content-Type", "text/plain"}}, "hello\n"));
  } else if (x.request().method == "POST") {
    static_cast<void>(x.start(200));
    x.read_body([](exchange& y, const_bytes piece, bool last) {
      static_cast<void>(last ? y.finish() : y.send_back(piece));
    });
  } else {
    static_cast<void>(x.respond(404));
  }
}

// The handler as a coroutine.
using server_connection = co::connection<http1::server>;

co::task<void> echo_body(server_connection& c) {
  static_cast<void>(c.call().start_response(200));
  while (auto event = co_await c.next_event()) {
    if (const auto* b = std::get_if<http1::body>(&*event)) {
      co_await c.wish([b](http1::server& m) { return m.send(b->bytes, http1::lifetime::lent); });
    } else if (std::holds_alternative<http1::request_end>(*event)) {
      static_cast<void>(c.call().finish());
      co_return;
    }
  }
}

co::task<void> serve(backend& loop, co::transport from, storage& memory, http_trace& trace) {
  http_trace::recorder recorder(trace);
  server_connection c(loop, std::move(from), {.fixed_unix_seconds = wall_clock}, memory);
  c.observe(&recorder);
  while (auto event = co_await c.next_event()) {
    const auto* r = std::get_if<http1::request>(&*event);
    if (r == nullptr) continue;
    if (r->head->method == "GET") {
      static_cast<void>(
          c.call().respond(200, {{"Content-Type", "text/plain"}}, text_bytes("hello\n")));
    } else if (r->head->method == "POST") {
      co_await echo_body(c);
    } else {
      static_cast<void>(c.call().respond(404));
    }
  }
}

co::task<void> accept_all(backend& loop, co::listener& from, co::scope& tasks, storage& memory,
                          http_trace& trace) {
  while (auto accepted = co_await from.accept()) {
    tasks.spawn(serve(loop, std::move(*accepted), memory, trace), co::on_failure::forget);
  }
}

// A client that reads while it writes.
using raw_connection = co::connection<tunnel::connection>;

co::task<void> write_all(raw_connection& c, const script& what) {
  std::string_view left = what.sent;
  while (!left.empty()) {
    const std::string_view piece = left.substr(0, what.cut);
    if (co_await c.send(text_bytes(piece)) != errc::ok) co_return;
    left.remove_prefix(piece.size());
    co_await co::yield();
  }
  static_cast<void>(c.call().finish());
}

co::task<void> read_all(raw_connection& c, std::string& reply) {
  while (auto event = co_await c.next_event()) {
    if (const auto* d = std::get_if<tunnel::data>(&*event)) reply += as_text(d->bytes);
  }
}

co::task<std::string> ask(backend& loop, const endpoint where, storage& memory,
                          const script& what) {
  auto connected = co_await co::connect(loop, where);
  if (!connected) throw std::runtime_error(std::string(connected.error().name()));
  raw_connection c(loop, std::move(*connected), {}, memory);
  std::string reply;
  co_await co::when_all(write_all(c, what), read_all(c, reply));
  co_return reply;
}

struct outcome {
  std::uint64_t hash = 0;
  std::uint64_t connections = 0;
  std::vector<std::string> replies;
};

co::task<void> run_clients(backend& loop, const endpoint where, storage& memory,
                           const std::vector<script>& all, std::vector<std::string>& replies) {
  for (const script& each : all) replies.push_back(co_await ask(loop, where, memory, each));
  loop.stop();
}

outcome run_callbacks(std::string_view name) {
  named_loop w(name);
  http_trace trace;
  outcome result;
  pool_storage memory(http1::server::block_bytes, 1000);
  const std::vector<script> all = scripts();
  {
    http_server server(*w.loop, answer, {.fixed_unix_seconds = wall_clock, .trace = &trace});
    const auto where = server.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    co::scope tasks(*w.loop);
    tasks.spawn(run_clients(*w.loop, *where, memory, all, result.replies));
    CHECK_FALSE(w.loop->run());
    CHECK(tasks.failure() == nullptr);
  }
  result.hash = trace.hash();
  result.connections = trace.connections();
  return result;
}

outcome run_coroutine(std::string_view name) {
  named_loop w(name);
  http_trace trace;
  outcome result;
  pool_storage memory(http1::server::block_bytes, 1000);
  const std::vector<script> all = scripts();
  {
    co::listener accepting(*w.loop);
    const auto where = accepting.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    co::scope tasks(*w.loop);
    tasks.spawn(accept_all(*w.loop, accepting, tasks, memory, trace));
    tasks.spawn(run_clients(*w.loop, *where, memory, all, result.replies));
    CHECK_FALSE(w.loop->run());
    CHECK(tasks.failure() == nullptr);
  }
  result.hash = trace.hash();
  result.connections = trace.connections();
  return result;
}

}  // namespace

TEST_CASE("a handler as callbacks and as a coroutine has one trace, on every loop") {
  std::optional<outcome> first;
  for (const std::string_view name : loop_names()) {
    CAPTURE(name);
    const outcome callbacks = run_callbacks(name);
    const outcome coroutine = run_coroutine(name);
    CHECK(callbacks.hash == coroutine.hash);
    CHECK(callbacks.connections == scripts().size());
    CHECK(coroutine.connections == scripts().size());
    // Byte by byte where no chunk's border depends on what the system received at once.
    for (const std::size_t i : {0U, 1U, 5U, 6U})
      CHECK(callbacks.replies[i] == coroutine.replies[i]);
    if (!first) first = callbacks;
    CHECK(callbacks.hash == first->hash);
    CHECK(callbacks.replies[0].find("hello") != std::string::npos);
  }
}

TEST_CASE("connect tells why it can't, and a listener that is closed is the end of accepting") {
  for (const std::string_view name : loop_names()) {
    CAPTURE(name);
    named_loop w(name);
    endpoint nobody;
    {
      co::listener gone(*w.loop);
      const auto where = gone.listen(endpoint::loopback_v4(0));
      REQUIRE(where);
      nobody = *where;
      CHECK(gone.listen(endpoint::loopback_v4(0)).error().code() == EALREADY);
    }
    co::listener idle(*w.loop);
    REQUIRE(idle.listen(endpoint::loopback_v4(0)));
    error refused;
    error closed;
    co::scope tasks(*w.loop);
    tasks.spawn(
        [](backend& loop, const endpoint where, co::listener& l, error& e) -> co::task<void> {
          co_await co::sleep_for(milliseconds(1));
          e = (co_await co::connect(loop, where)).error();
          l.close();
        }(*w.loop, nobody, idle, refused));
    tasks.spawn([](backend& loop, co::listener& l, error& e) -> co::task<void> {
      e = (co_await l.accept()).error();
      loop.stop();
    }(*w.loop, idle, closed));
    CHECK_FALSE(w.loop->run());
    CHECK(refused.code() == ECONNREFUSED);
    CHECK(closed.code() == ECANCELED);
    CHECK(tasks.size() == 0);
  }
}

TEST_CASE("an accept() that is awaited when its listener is closed, or gone") {
  for (const std::string_view name : loop_names()) {
    CAPTURE(name);
    named_loop w(name);
    std::vector<error> told;
    co::scope tasks(*w.loop);
    tasks.spawn([](backend& loop, std::vector<error>& all) -> co::task<void> {
      auto first = std::make_unique<co::listener>(loop);
      static_cast<void>(first->listen(endpoint::loopback_v4(0)));
      auto of_closed = first->accept();
      auto of_gone = first->accept();
      first->close();
      all.push_back((co_await first->accept()).error());
      all.push_back((co_await of_closed).error());
      co_await co::sleep_for(milliseconds(5));  // until the loop's listener has gone
      first.reset();
      all.push_back((co_await of_gone).error());
      loop.stop();
    }(*w.loop, told));
    CHECK_FALSE(w.loop->run());
    REQUIRE(told.size() == 3);
    for (const error& e : told) CHECK(e.code() == ECANCELED);
  }
}

TEST_CASE("a listener that is closed while a branch with its peer waits for others") {
  for (const std::string_view name : loop_names()) {
    CAPTURE(name);
    named_loop w(name);
    co::listener accepting(*w.loop);
    const auto where = accepting.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    error closed;
    co::scope tasks(*w.loop);
    tasks.spawn([](backend& loop, const endpoint to, co::listener& l, error& e) -> co::task<void> {
      const auto connected = co_await co::connect(loop, to);
      co_await co::sleep_for(milliseconds(10));  // until the peer waits there
      const auto close = [](co::listener& from) -> co::task<void> {
        co_await co::sleep_for(milliseconds(1));
        from.close();
        co_await co::sleep_for(milliseconds(10));
      };
      const auto both = co_await co::when_all(l.accept(), close(l));
      e = std::get<0>(both).error();
      loop.stop();
    }(*w.loop, *where, accepting, closed));
    CHECK_FALSE(w.loop->run());
    CHECK(closed.code() == ECANCELED);
  }
}

TEST_CASE("accept and connect are cancelled where they wait") {
  for (const std::string_view name : loop_names()) {
    CAPTURE(name);
    named_loop w(name);
    co::listener idle(*w.loop);
    const auto where = idle.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    int cancelled = 0;
    co::scope tasks(*w.loop);
    tasks.spawn([](co::listener& l, int& n) -> co::task<void> {
      try {
        for (;;) static_cast<void>(co_await l.accept());
      } catch (const co::cancelled&) {
        ++n;
      }
    }(idle, cancelled));
    tasks.spawn([](backend& loop, const endpoint to, int& n) -> co::task<void> {
      try {
        static_cast<void>(co_await co::connect(loop, to));
      } catch (const co::cancelled&) {
        ++n;
      }
    }(*w.loop, *where, cancelled));
    w.loop->core().turn();
    tasks.cancel();
    for (int i = 0; i < 100 && tasks.size() != 0; ++i) w.loop->run_once(milliseconds(1));
    CHECK(cancelled == 2);
    CHECK(tasks.size() == 0);
  }
}

TEST_CASE("a transport that nobody takes is aborted, and one too many is dropped") {
  for (const std::string_view name : loop_names()) {
    CAPTURE(name);
    named_loop w(name);
    co::listener idle(*w.loop);
    const auto where = idle.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    std::size_t failed = 0;
    co::scope tasks(*w.loop);
    const auto client = [](backend& loop, const endpoint to, storage& memory,
                           std::size_t& n) -> co::task<void> {
      auto connected = co_await co::connect(loop, to);
      if (!connected) co_return;
      raw_connection c(loop, std::move(*connected), {}, memory);
      while (co_await c.next_event()) {
      }
      ++n;
    };
    pool_storage memory(http1::server::block_bytes, 1000);
    for (std::size_t i = 0; i < co::listener::waiting_max + 3; ++i) {
      tasks.spawn(client(*w.loop, *where, memory, failed));
    }
    for (int i = 0; i < 2000 && failed < 3; ++i) w.loop->run_once(milliseconds(1));
    CHECK(failed == 3);
    idle.close();
    for (int i = 0; i < 2000 && tasks.size() != 0; ++i) w.loop->run_once(milliseconds(1));
    CHECK(tasks.size() == 0);
  }
}

TEST_CASE("a call of the HTTP client is awaited, and ends when it is cancelled") {
  for (const std::string_view name : loop_names()) {
    CAPTURE(name);
    named_loop w(name);
    http_server server(*w.loop, [](exchange& x) {
      if (x.request().target == "/never") return x.on_end([handle = x.handle()](bool) {});
      static_cast<void>(x.respond(200, {{"X-Target", x.request().target}}, "hello\n"));
    });
    const auto where = server.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    const std::string url = "http://127.0.0.1:" + std::to_string(where->port());
    http_client client(*w.loop);
    std::vector<co::fetched> got;
    bool late = false;
    co::scope tasks(*w.loop);
    tasks.spawn([](http_client& from, std::string base, std::vector<co::fetched>& all,
                   bool& timeout, backend& loop) -> co::task<void> {
      for (int i = 0; i < 3; ++i) {
        const std::string each = base + "/" + std::to_string(i);
        all.push_back(co_await co::fetch(from, {.url = each}));
      }
      all.push_back(co_await co::fetch(from, {.url = "nonsense"}));
      const std::string never = base + "/never";
      auto first =
          co_await co::when_any(co::fetch(from, {.url = never}), co::sleep_for(milliseconds(20)));
      timeout = first.index() == 1;
      loop.stop();
    }(client, url, got, late, *w.loop));
    CHECK_FALSE(w.loop->run());
    REQUIRE(got.size() == 4);
    CHECK(got[2].status == 200);
    CHECK(got[2].body == "hello\n");
    REQUIRE(got[2].find("x-target") != nullptr);
    CHECK(*got[2].find("x-target") == "/2");
    CHECK(got[3].status == 0);
    CHECK(late);
    CHECK(tasks.size() == 0);
  }
}

TEST_CASE("what is fetched has a limit, 16 MiB unless another is named") {
  CHECK(co::fetch_options{}.collected_bytes_max == 16 * 1024 * 1024);
  for (const std::string_view name : loop_names()) {
    CAPTURE(name);
    named_loop w(name);
    http_server server(*w.loop,
                       [](exchange& x) { static_cast<void>(x.respond(200, {}, "0123456789")); });
    const auto where = server.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    const std::string url = "http://127.0.0.1:" + std::to_string(where->port());
    http_client client(*w.loop);
    std::vector<co::fetched> got;
    co::scope tasks(*w.loop);
    tasks.spawn([](http_client& from, std::string at, std::vector<co::fetched>& all,
                   backend& loop) -> co::task<void> {
      for (const unsigned limit : {10U, 9U, 0U}) {
        const co::fetch_options options{.collected_bytes_max = limit};
        all.push_back(co_await co::fetch(from, {.url = at}, options));
      }
      loop.stop();
    }(client, url, got, *w.loop));
    CHECK_FALSE(w.loop->run());
    REQUIRE(got.size() == 3);
    CHECK(got[0].outcome.complete());
    CHECK(got[0].body == "0123456789");
    CHECK(got[1].outcome.end == http_end::body_too_large);
    CHECK(got[1].body == "012345678");
    CHECK(got[2].outcome.end == http_end::body_too_large);
    CHECK(got[2].status == 200);
    CHECK(got[2].body.empty());
  }
}
