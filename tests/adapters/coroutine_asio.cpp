// Tasks awaited from coroutines of Asio's, on an io_context that the application runs.
#include <drywire/adapters/coroutine.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/asio/asio.hpp>
#include <drywire/asio_coroutine/as_awaitable.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/line.hpp>

#ifdef DRYWIRE_ASIO_BOOST
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
namespace net = boost::asio;
#else
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
namespace net = asio;
#endif

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

using namespace drywire;

namespace {

co::task<int> twice(int n) {
  co_await co::sleep_for(milliseconds(1));
  co_return 2 * n;
}

co::task<void> fail() {
  co_await co::sleep_for(milliseconds(1));
  throw std::runtime_error("no");
}

co::task<void> sleep_long() { co_await co::sleep_for(seconds(3600)); }

// A line to a peer that sends it back.
co::task<std::string> ask(backend& loop, const endpoint where, storage& memory) {
  auto connected = co_await co::connect(loop, where);
  if (!connected) throw std::runtime_error("not connected");
  co::connection<line::connection> c(loop, std::move(*connected), {}, memory);
  static_cast<void>(c.call().send(text_bytes("hello")));
  auto event = co_await c.next_event();
  if (!event) throw std::runtime_error("no answer");
  co_return std::string(as_text(std::get<line::text>(*event).bytes));
}

co::task<void> echo_once(backend& loop, co::listener& from, storage& memory) {
  auto accepted = co_await from.accept();
  co::connection<line::connection> c(loop, std::move(*accepted), {}, memory);
  while (auto event = co_await c.next_event()) {
    const auto* t = std::get_if<line::text>(&*event);
    if (t != nullptr) static_cast<void>(c.call().send(t->bytes));
    if (t == nullptr) co_return;
  }
}

template <class Awaitable, class Result>
void run(net::io_context& context, Awaitable session, Result& result) {
  net::co_spawn(context, std::move(session), [&result](std::exception_ptr e, auto... value) {
    result.failure = e;
    if constexpr (sizeof...(value) != 0) result.value.emplace(std::move(value)...);
  });
  context.run();
}

template <class T>
struct outcome {
  std::exception_ptr failure;
  std::optional<T> value;
};

}  // namespace

TEST_CASE("a task gives its value to an awaitable, and throws into it") {
  net::io_context context;
  const auto loop = attach_asio(context);
  co::scope tasks(*loop);
  outcome<int> got;
  run(
      context,
      [](co::scope& in) -> net::awaitable<int> {
        const int n = co_await co::as_awaitable(in, twice(4));
        try {
          co_await co::as_awaitable(in, fail());
        } catch (const std::runtime_error&) {
          co_return n + 1;
        }
        co_return 0;
      }(tasks),
      got);
  CHECK(got.failure == nullptr);
  CHECK(got.value == 9);
  CHECK(tasks.size() == 0);
}

TEST_CASE("an awaitable uses a connection on the same context") {
  net::io_context context;
  const auto loop = attach_asio(context);
  pool_storage memory(http1::server::block_bytes, 10);
  co::listener listening(*loop);
  const auto where = listening.listen(endpoint::loopback_v4(0));
  REQUIRE(where);
  co::scope tasks(*loop);
  tasks.spawn(echo_once(*loop, listening, memory));
  outcome<std::string> got;
  run(
      context,
      [](backend& on, co::scope& in, co::listener& l, const endpoint to,
         storage& blocks) -> net::awaitable<std::string> {
        std::string answer = co_await co::as_awaitable(in, ask(on, to, blocks));
        l.close();
        co_return answer;
      }(*loop, tasks, listening, *where, memory),
      got);
  CHECK(got.failure == nullptr);
  CHECK(got.value == "hello");
}

TEST_CASE("a scope that is destroyed destroys the awaitable that waits for it") {
  struct flag {
    explicit flag(bool& b) : dead(b) {}
    flag(const flag&) = delete;
    flag& operator=(const flag&) = delete;
    ~flag() { dead = true; }
    bool& dead;
  };
  bool dead = false;
  net::io_context context;
  const auto loop = attach_asio(context);
  auto tasks = std::make_unique<co::scope>(*loop);
  net::co_spawn(
      context,
      [](co::scope& in, bool& b) -> net::awaitable<void> {
        const flag f(b);
        co_await co::as_awaitable(in, sleep_long());
      }(*tasks, dead),
      [](std::exception_ptr) {});
  for (int i = 0; i < 10; ++i) context.poll();
  CHECK_FALSE(dead);
  tasks.reset();
  context.run();
  CHECK(dead);
}

#if DRYWIRE_ASIO_CANCELS
TEST_CASE("cancelling an awaitable cancels the task that it awaits, also one that hasn't begun") {
  for (const int polls : {1, 10}) {
    CAPTURE(polls);
    net::io_context context;
    const auto loop = attach_asio(context);
    co::scope tasks(*loop);
    net::cancellation_signal signal;
    std::exception_ptr failure;
    net::co_spawn(
        context,
        [](co::scope& in) -> net::awaitable<void> {
          co_await co::as_awaitable(in, sleep_long());
        }(tasks),
        net::bind_cancellation_slot(signal.slot(),
                                    [&failure](std::exception_ptr e) { failure = e; }));
    for (int i = 0; i < polls; ++i) context.poll_one();
    signal.emit(net::cancellation_type::terminal);
    context.run();
    REQUIRE(failure != nullptr);
    CHECK_THROWS_AS(std::rethrow_exception(failure), co::cancelled);
    CHECK(tasks.size() == 0);
  }
}
#endif
