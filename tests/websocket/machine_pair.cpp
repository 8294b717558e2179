// Both roles joined in memory, under a clock that moves only when it is told to.

#include "wire.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/pair.hpp>
#include <drywire/testkit/random.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/websocket/connection.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <deque>
#include <limits>
#include <string>

using namespace drywire;
using namespace websocket_test;
using websocket::fault;
using websocket::kind;
using websocket::role;

namespace {

class random_keys final : public entropy {
 public:
  explicit random_keys(std::uint64_t seed) : numbers_(seed) {}
  void fill(mutable_bytes to) noexcept override {
    for (std::byte& b : to) b = static_cast<std::byte>(numbers_.next());
  }

 private:
  testkit::random numbers_;
};

struct sent_message {
  websocket::kind kind;
  std::string bytes;
};

// One side: sends what it draws, as there is room for it, and checks what comes against what the
// other side has sent.
class talker {
 public:
  talker(role side, std::uint64_t seed, int messages, bool compresses, bool remembers)
      : numbers_(seed),
        keys_(seed),
        left_(messages),
        machine_(side, memory, limits(), tools(compresses, remembers)) {}

  static websocket::limits limits() {
    websocket::limits l;
    l.output_bytes_max = 20'000;
    l.output_low_bytes = 5'000;
    return l;
  }

  websocket::tools tools(bool compresses, bool remembers) {
    websocket::tools t;
    t.keys = &keys_;
    t.deflate_memory = &deflate_memory;
    t.compression.own_context = t.compression.peer_context = remembers;
    if (compresses) t.deflate = websocket::deflate_parameters{!remembers, !remembers, 10, 10};
    return t;
  }

  /// Sends until nothing is left or the machine doesn't take it.
  void talk() {
    while (left_ > 0 && !closing) {
      if (!drawn_) draw();
      if (!send()) return;
      drawn_ = false;
      --left_;
    }
    if (left_ == 0 && closes && !closing) closing = machine_.close(1000, "done") == errc::ok;
  }

  void on_event(const websocket::event& event, talker& other) {
    CHECK(end.empty());
    if (const auto* m = std::get_if<websocket::message>(&event)) {
      if (m->first) got_.clear();
      got_ += as_text(m->bytes);
      if (m->last) compare(*m, other);
      if (holds_ && numbers_.below(4) == 0) held = machine_.hold() == errc::ok;
    } else if (const auto* c = std::get_if<websocket::closed>(&event)) {
      end = "closed " + std::to_string(c->code);
    } else if (const auto* e = std::get_if<websocket::peer_error>(&event)) {
      end = to_string(e->what);
    }
    talk();
  }

  websocket::connection& machine() { return machine_; }

  testkit::heap_storage memory{1024};
  testkit::heap_storage deflate_memory{deflate::deflate_block_bytes(10)};
  std::deque<sent_message> sent;
  std::string end;
  int received = 0;
  bool closes = false;
  bool closing = false;
  bool held = false;
  bool holds_ = false;

 private:
  void draw() {
    now_.kind = numbers_.below(2) == 0 ? kind::text : kind::binary;
    now_.bytes.clear();
    const std::size_t size = numbers_.below(3) * numbers_.below(numbers_.below(8) == 0 ? 4000 : 90);
    while (now_.bytes.size() < size) {
      now_.bytes += now_.kind == kind::text ? "\xE2\x82\xAC" : "ab" + std::to_string(size);
    }
    at_ = 0;
    drawn_ = true;
    started_ = false;
    pieces_ = numbers_.below(3) == 0;
  }

  bool send() {
    if (!pieces_) {
      if (machine_.send(now_.kind, text_bytes(now_.bytes)) != errc::ok) return false;
      sent.push_back(now_);
      return true;
    }
    if (!started_ && machine_.start_message(now_.kind) != errc::ok) return false;
    started_ = true;
    while (at_ < now_.bytes.size()) {
      const std::string_view piece = std::string_view(now_.bytes).substr(at_, 1 + at_ * 2);
      if (machine_.send_piece(text_bytes(piece)) != errc::ok) return false;
      at_ += piece.size();
      if (numbers_.below(4) == 0) static_cast<void>(machine_.send_ping(text_bytes("between")));
    }
    if (machine_.finish_message() != errc::ok) return false;
    sent.push_back(now_);
    return true;
  }

  void compare(const websocket::message& m, talker& other) {
    REQUIRE(!other.sent.empty());
    CHECK(m.kind == other.sent.front().kind);
    CHECK((got_ == other.sent.front().bytes));
    other.sent.pop_front();
    ++received;
  }

  testkit::random numbers_;
  random_keys keys_;
  int left_;
  sent_message now_{};
  std::size_t at_ = 0;
  bool drawn_ = false;
  bool started_ = false;
  bool pieces_ = false;
  std::string got_;
  websocket::connection machine_;
};

struct world {
  explicit world(std::uint64_t seed, int messages = 30)
      : world(seed, messages, testkit::random(seed).below(3)) {}
  world(std::uint64_t seed, int messages, std::size_t compression)
      : client(role::client, seed, messages, compression > 0, compression > 1),
        server(role::server, seed + 1, messages, compression > 0, compression > 1) {
    testkit::random numbers(seed + 1'000'000);
    const std::size_t sizes[] = {1, 3, 17, 500, 65536};
    joined.first.window = sizes[numbers.below(5)];
    joined.second.window = sizes[numbers.below(5)];
    joined.first.portion = sizes[numbers.below(5)];
    joined.second.portion = sizes[numbers.below(5)];
  }

  struct caller {
    talker& own;
    talker& other;
    void operator()(websocket::connection&, const websocket::event& e) const {
      own.on_event(e, other);
    }
  };

  void start() {
    client.talk();
    server.talk();
    settle();
  }

  // Until nothing moves, with those that hold going on.
  void settle() {
    joined.settle();
    while (client.held || server.held) {
      for (talker* t : {&client, &server}) {
        if (std::exchange(t->held, false)) static_cast<void>(t->machine().resume());
      }
      joined.settle();
    }
  }

  void check_end() {
    CHECK(joined.first.closed());
    CHECK(joined.second.closed());
    CHECK(client.memory.in_use() == 0);
    CHECK(server.memory.in_use() == 0);
    CHECK(client.deflate_memory.in_use() == 0);
    CHECK(server.deflate_memory.in_use() == 0);
  }

  talker client;
  talker server;
  testkit::pair<websocket::connection, caller, websocket::connection, caller> joined{
      client.machine(), {client, server}, server.machine(), {server, client}};
};

}  // namespace

TEST_CASE("websocket pair: messages at random, both ways at once, through any window") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    world w(seed);
    w.client.holds_ = w.server.holds_ = seed % 3 == 0;
    w.start();
    CHECK(w.client.received == 30);
    CHECK(w.server.received == 30);
    // Either side closes, or both do.
    for (talker* t : {&w.client, &w.server}) {
      t->closes = seed % 3 != (t == &w.client ? 1 : 2);
      t->talk();
    }
    w.settle();
    CHECK(w.client.end == "closed 1000");
    CHECK(w.server.end == "closed 1000");
    w.check_end();
  }
}

TEST_CASE("websocket pair: on a way that fails nothing is repeated, and both sides end") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    world w(seed);
    testkit::random numbers(seed + 5);
    auto& fated = w.joined;
    constexpr testkit::way ways[] = {testkit::way::ends, testkit::way::breaks,
                                     testkit::way::falls_silent};
    const testkit::way fate = ways[numbers.below(3)];
    const std::size_t bytes = numbers.below(3000);
    if (numbers.below(2) == 0) {
      fated.first.fate = fate;
      fated.first.bytes_left = bytes;
    } else {
      fated.second.fate = fate;
      fated.second.bytes_left = bytes;
    }
    w.client.closes = w.server.closes = true;
    w.start();
    w.joined.pass(seconds(600));
    CHECK(!w.client.end.empty());
    CHECK(!w.server.end.empty());
    w.check_end();
  }
}

TEST_CASE("websocket pair: a message of many MiB streams through an echo in bounded memory") {
  random_keys keys(1);
  testkit::heap_storage memory(16 * 1024);
  websocket::tools tools;
  tools.keys = &keys;
  websocket::limits l;
  l.message_bytes_max = std::numeric_limits<std::uint64_t>::max();
  l.output_bytes_max = 128 * 1024;
  l.output_low_bytes = 64 * 1024;
  websocket::connection client(role::client, memory, l, tools);
  websocket::connection server(role::server, memory, l);
  const std::string piece(60'000, 'p');
  constexpr std::uint64_t pieces = 500;
  std::uint64_t sent = 0;
  std::uint64_t got = 0;
  const auto pump = [&] {
    while (sent < pieces && client.send_piece(text_bytes(piece)) == errc::ok) ++sent;
    if (sent == pieces && client.message_open()) CHECK(client.finish_message() == errc::ok);
  };
  bool done = false;
  const auto on_client = [&](auto&, const websocket::event& e) {
    if (const auto* m = std::get_if<websocket::message>(&e)) {
      got += m->bytes.size();
      done = done || m->last;
    }
    pump();
  };
  const auto on_server = [&](auto&, const websocket::event& e) {
    if (std::holds_alternative<websocket::output_low>(e)) CHECK(server.resume() == errc::ok);
    const auto* m = std::get_if<websocket::message>(&e);
    if (m == nullptr) return;
    if (m->first) CHECK(server.start_message(m->kind) == errc::ok);
    CHECK(server.send_piece(m->bytes, lifetime::lent) == errc::ok);
    if (m->last) CHECK(server.finish_message() == errc::ok);
    // One that echoes takes no more than it can send.
    if (server.send_ping() == errc::would_exceed || server.queued() > 64 * 1024) {
      CHECK(server.hold() == errc::ok);
    }
  };
  testkit::pair joined(client, on_client, server, on_server);
  joined.second.portion = 50'000;
  CHECK(client.start_message(kind::binary) == errc::ok);
  pump();
  for (int i = 0; i < 100'000 && !done; ++i) {
    joined.settle();
    CHECK(server.resume() == errc::ok);
  }
  CHECK(done);
  CHECK(got == pieces * piece.size());
  CHECK(memory.in_use_most() <= 32);  // 512 KiB for both sides
}

TEST_CASE("websocket pair: a peer that reads nothing is left after the time for writing") {
  world w(1, 0, 0);
  w.joined.first.reading = false;
  w.joined.first.window = 1000;
  CHECK(w.server.machine().send(kind::binary, text_bytes(std::string(2000, 'x'))) == errc::ok);
  w.joined.pass(seconds(31));
  CHECK(w.server.end == "write timeout");
  CHECK(w.joined.second.closed());
}

TEST_CASE("websocket pair: two idle sides live on by pings, for hours") {
  world w(1, 0, 0);
  w.joined.pass(seconds(3600));
  CHECK(w.client.end.empty());
  CHECK(w.server.end.empty());
  std::size_t pings = 0;
  for (const auto& e : w.joined.first.events().entries())
    if (e.name == "ping") ++pings;
  CHECK(pings >= 60);
  CHECK(w.client.memory.in_use() == 0);
  CHECK(w.server.memory.in_use() == 0);
}
