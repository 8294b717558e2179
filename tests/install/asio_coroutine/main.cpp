// A coroutine of Asio's awaits a task, on the io_context that both run on.
#include <drywire/adapters/coroutine.hpp>
#include <drywire/asio/asio.hpp>
#include <drywire/asio_coroutine/as_awaitable.hpp>

#ifdef DRYWIRE_ASIO_BOOST
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
namespace net = boost::asio;
#else
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
namespace net = asio;
#endif

namespace co = drywire::co;

namespace {

co::task<int> twice(int n) {
  co_await co::sleep_for(drywire::milliseconds(1));
  co_return 2 * n;
}

net::awaitable<void> session(co::scope& tasks, int& answer) {
  answer = co_await co::as_awaitable(tasks, twice(21));
}

}  // namespace

int main() {
  net::io_context context;
  const auto loop = drywire::attach_asio(context);
  co::scope tasks(*loop);
  int answer = 0;
  net::co_spawn(context, session(tasks, answer), [](std::exception_ptr) {});
  context.run();
  return answer == 42 ? 0 : 1;
}
