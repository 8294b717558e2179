// Coroutines under stress, in virtual time: very many resumptions, and a scenario that is cut short
// at each of its turns, in each way that there is.
//
//   test_coroutine_stress [RESUMPTIONS [SEED]]
//
// Says what is wrong and ends with 1. .ci/run builds it with both compilers, with and without
// optimization, under AddressSanitizer.
#include "fake_stream.hpp"

#include <drywire/adapters/coroutine.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/random.hpp>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace drywire;
using namespace drywire::tests;

namespace {

void expect(bool holds, const char* what, std::uint64_t at) {
  if (holds) return;
  std::fprintf(stderr, "coroutine stress: %s, at %llu\n", what,
               static_cast<unsigned long long>(at));
  std::exit(1);
}

// Counts frames that live.
struct alive {
  explicit alive(std::size_t& n) : count(n) { ++count; }
  alive(const alive&) = delete;
  alive& operator=(const alive&) = delete;
  ~alive() { --count; }
  std::size_t& count;
};

// Part 1: workers that await at random whatever there is to await.

struct workplace {
  explicit workplace(std::uint64_t seed) : random(seed) {}

  fake_loop loop;
  testkit::random random;
  std::uint64_t resumptions = 0;
  std::uint64_t resumptions_max = 0;
  std::size_t frames = 0;

  std::size_t below(std::size_t n) { return random.below(n); }
};

co::task<std::uint64_t> work(workplace& w, unsigned depth);

co::task<std::uint64_t> fail_sometimes(workplace& w, unsigned depth) {
  const alive a(w.frames);
  const std::uint64_t n = co_await work(w, depth);
  if (w.below(4) == 0) throw std::runtime_error("no");
  co_return n;
}

co::task<std::uint64_t> work(workplace& w, unsigned depth) {
  const alive a(w.frames);
  ++w.resumptions;
  const std::size_t choice = depth == 0 ? w.below(2) : w.below(8);
  switch (choice) {
    case 0: co_return 1;
    case 1: co_await co::sleep_for(microseconds(static_cast<std::int64_t>(w.below(50)))); break;
    case 2: co_return co_await work(w, depth - 1) + co_await work(w, depth - 1);
    case 3: {
      auto first = co_await co::when_any(work(w, depth - 1), co::sleep_for(microseconds(10)),
                                         work(w, depth - 1));
      co_return first.index();
    }
    case 4: {
      auto [x, y] = co_await co::when_all(work(w, depth - 1), work(w, depth - 1));
      co_return x + y;
    }
    case 5: co_return co_await co::shielded(work(w, depth - 1));
    case 6: {
      try {
        co_return co_await fail_sometimes(w, depth - 1);
      } catch (const std::runtime_error&) {
      }
      break;
    }
    default: {
      co::scope inner(w.loop.core);
      for (std::size_t i = w.below(3); i > 0; --i) {
        inner.spawn([](workplace& p, unsigned d) -> co::task<void> {
          static_cast<void>(co_await fail_sometimes(p, d));
        }(w, depth - 1));
      }
      try {
        co_await inner.joined();
      } catch (const std::runtime_error&) {
      }
    }
  }
  ++w.resumptions;
  co_return 1;
}

co::task<void> worker(workplace& w) {
  const alive a(w.frames);
  while (w.resumptions < w.resumptions_max) static_cast<void>(co_await work(w, 5));
}

void resume_often(std::uint64_t resumptions, std::uint64_t seed) {
  workplace w(seed);
  w.resumptions_max = resumptions;
  {
    co::scope tasks(w.loop.core);
    for (int i = 0; i < 50; ++i) tasks.spawn(worker(w));
    while (tasks.size() != 0) w.loop.pass(microseconds(1));
    expect(tasks.failure() == nullptr, "a worker failed", seed);

    // Once more, to be cut short: first cancelled, then destroyed.
    w.resumptions_max = UINT64_MAX;
    for (int i = 0; i < 50; ++i) tasks.spawn(worker(w));
    for (int i = 0; i < 200; ++i) w.loop.pass(microseconds(1));
    tasks.cancel();
    // What is shielded takes its time: no chain of sleeps is longer than this.
    for (int i = 0; i < 10'000 && tasks.size() != 0; ++i) w.loop.pass(microseconds(1));
    expect(tasks.size() == 0, "a cancelled worker goes on", seed);
    for (int i = 0; i < 50; ++i) tasks.spawn(worker(w));
    for (int i = 0; i < 100; ++i) w.loop.pass(microseconds(1));
  }
  expect(w.frames == 0, "a frame is left", seed);
  std::printf("%llu resumptions\n", static_cast<unsigned long long>(w.resumptions));
}

// Part 2: one connection's life, which waits in every way that a connection can.

enum class cut : std::uint8_t { never, cancelled, destroyed, reset, closed, thrown };
constexpr cut cuts[] = {cut::cancelled, cut::destroyed, cut::reset, cut::closed, cut::thrown};

struct scene {
  fake_loop loop;
  pool_storage memory{http1::server::block_bytes, 100};
  fake_stream stream{loop.core};
  std::size_t frames = 0;
  std::uint64_t turns = 0;
  bool throws = false;  // whatever goes on next
  bool complete = false;

  void may_throw() const {
    if (throws) throw std::runtime_error("no");
  }
};

using connection = co::connection<http1::server>;

co::task<void> say_goodbye(scene& s) {
  const alive a(s.frames);
  co_await co::sleep_for(milliseconds(2));
  s.may_throw();
}

co::task<void> echo(scene& s, connection& c) {
  const alive a(s.frames);
  static_cast<void>(c.call().start_response(200));
  while (auto event = co_await c.next_event()) {
    s.may_throw();
    if (const auto* b = std::get_if<http1::body>(&*event)) {
      const std::string before(as_text(b->bytes));
      co_await co::sleep_for(milliseconds(1));
      expect(before == as_text(b->bytes), "a body changed while it was held", s.turns);
      s.may_throw();
      // Four times, so that it has to wait for room.
      for (int i = 0; i < 4; ++i) {
        const errc e = co_await c.wish(
            [b](http1::server& m) { return m.send(b->bytes, http1::lifetime::lent); });
        if (e != errc::ok) co_return;
      }
    } else if (std::holds_alternative<http1::request_end>(*event)) {
      static_cast<void>(c.call().finish());
      co_return;
    }
  }
}

co::task<void> live(scene& s, co::transport from) {
  const alive a(s.frames);
  connection c(s.loop.core, std::move(from), {}, s.memory, http1::limits{.output_bytes_max = 2000});
  for (;;) {
    auto first = co_await co::when_any(c.next_event(), co::sleep_for(milliseconds(3)));
    s.may_throw();
    if (first.index() == 1) continue;
    const auto& event = std::get<0>(first);
    if (!event) break;
    if (!std::holds_alternative<http1::request>(*event)) continue;
    co_await co::when_all(echo(s, c), say_goodbye(s));
  }
  co_await co::shielded(say_goodbye(s));
  s.complete = true;
}

// What the peer does, a little in each turn.
void play(scene& s, std::uint64_t turn) {
  static const std::string sent = [] {
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1800\r\n\r\n";
    return head + std::string(1800, 'x') +
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n" + "01234";
  }();
  constexpr std::uint64_t piece = 300;
  const std::uint64_t at = turn / 4 * piece;
  if (!s.stream.has_handler()) return;
  if (turn % 4 == 0 && at < sent.size() && !s.stream.paused) {
    s.stream.arrive(std::string_view(sent).substr(at, piece));
  } else if (turn % 4 == 1) {
    s.stream.make_room(turn < 100 ? 700 : 1'000'000);
  } else if (turn == 150) {
    s.stream.arrive_eof();
  } else if (turn > 150 && (s.stream.closed || s.stream.aborts != 0)) {
    s.stream.end({});
  }
}

// The scene until it is over, or cut at `turn`. Returns the turns that it took.
std::uint64_t run(cut how, std::uint64_t turn) {
  scene s;
  s.stream.room = 700;
  auto tasks = std::make_unique<co::scope>(s.loop.core);
  tasks->spawn(live(s, co::transport(s.stream)));
  for (; s.turns < 1000 && tasks && tasks->size() != 0; ++s.turns) {
    if (s.turns == turn) {
      switch (how) {
        case cut::never: break;
        case cut::cancelled: tasks->cancel(); break;
        case cut::destroyed: tasks.reset(); break;
        case cut::reset:
          if (s.stream.has_handler()) s.stream.end(error(ECONNRESET));
          break;
        case cut::closed:
          if (s.stream.has_handler()) s.stream.end({});
          break;
        case cut::thrown: s.throws = true; break;
      }
    }
    if (how == cut::never || s.turns < turn) play(s, s.turns);
    s.loop.pass(how != cut::never && s.turns > turn + 100 ? seconds(100) : microseconds(500));
  }
  expect(!tasks || tasks->size() == 0, "the scene doesn't end", turn);
  expect(how != cut::never || s.complete, "the scene wasn't played to its end", turn);
  tasks.reset();
  expect(s.frames == 0, "a frame is left", turn);
  expect(s.memory.held() == 0, "a machine's block is left", turn);
  expect(s.loop.core.blocks().held() == 0, "a block of the loop is left", turn);
  expect(!s.stream.has_handler(), "a stream that nobody has any more has a handler", turn);
  return s.turns;
}

void cut_everywhere() {
  const std::uint64_t turns = run(cut::never, 0);
  for (const cut how : cuts) {
    for (std::uint64_t t = 0; t < turns; ++t) run(how, t);
  }
  std::printf("%llu turns, cut at each in %zu ways\n", static_cast<unsigned long long>(turns),
              std::size(cuts));
}

// On the spot, again and again: a chain of resumptions would have no stack left.
void complete_on_the_spot() {
  workplace w(1);
  std::uint64_t sum = 0;
  co::scope tasks(w.loop.core);
  tasks.spawn([](std::uint64_t& total) -> co::task<void> {
    struct leaf {
      static co::task<std::uint64_t> value() { co_return 1; }
    };
    for (int i = 0; i < 200'000; ++i) total += co_await leaf::value();
  }(sum));
  while (tasks.size() != 0) w.loop.core.turn();
  expect(sum == 200'000, "a completion was lost", sum);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t resumptions = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20'000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  complete_on_the_spot();
  cut_everywhere();
  resume_often(resumptions, seed);
}
