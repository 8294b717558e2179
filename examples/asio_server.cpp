// http1::server on plain Asio, with its coroutines: docs/driving.md.
//
//   asio_server PORT      (0: a free one; it is printed)
#include "hello.hpp"

#ifdef DRYWIRE_ASIO_BOOST
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
namespace asio = boost::asio;
using error_code = boost::system::error_code;
#else
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
using error_code = asio::error_code;
#endif

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using asio::ip::tcp;
using drywire::ending;

// Closes the socket when the machine's deadline has passed, which makes the read below fail.
class deadline_timer {
 public:
  explicit deadline_timer(tcp::socket& socket) : socket_(socket), timer_(socket.get_executor()) {}

  void set(drywire::instant t) {
    if (t == drywire::instant::never()) {
      timer_.cancel();
      return;
    }
    timer_.expires_at(asio::steady_timer::time_point(std::chrono::nanoseconds(t.nanoseconds)));
    timer_.async_wait([this](error_code e) {
      if (!e) socket_.cancel();
    });
  }

 private:
  tcp::socket& socket_;
  asio::steady_timer timer_;
};

asio::awaitable<void> serve(tcp::socket socket, drywire::storage& memory) {
  drywire::http1::server machine(memory);
  deadline_timer timer(socket);
  std::array<std::byte, 16 * 1024> bytes;
  std::size_t size = 0;  // received and not consumed yet
  bool eof = false;
  error_code failed;
  auto quietly = asio::redirect_error(asio::use_awaitable, failed);

  while (true) {
    machine.advance(hello::clocks());
    auto cursor = machine.receive(std::span(bytes).first(size));
    bool more = false;
    while (auto event = cursor.next()) {
      hello::on_event(machine, *event);
      more = true;
    }
    for (auto view = machine.output(65536); !view.empty(); view = machine.output(65536)) {
      std::vector<asio::const_buffer> pieces;
      for (const auto piece : view.pieces) pieces.emplace_back(piece.data(), piece.size());
      timer.set(machine.deadline());
      const std::size_t n = co_await asio::async_write(socket, pieces, quietly);
      const bool fin = view.fin && !failed;
      machine.consume_output(n);
      if (fin) socket.shutdown(tcp::socket::shutdown_send, failed);
      if (failed) co_return;
      more = true;
    }
    // Everything has left, so nothing is borrowed any more.
    const auto rest = cursor.remaining();
    std::copy(rest.begin(), rest.end(), bytes.begin());
    more = more || rest.size() < size;
    size = rest.size();
    if (machine.ending() == ending::close || machine.ending() == ending::reset) co_return;
    if (more) continue;
    if (eof || size == bytes.size()) co_return;

    timer.set(machine.deadline());
    const auto n = co_await socket.async_read_some(asio::buffer(bytes) + size, quietly);
    size += n;
    if (failed == asio::error::operation_aborted) continue;  // a deadline has passed
    eof = failed == asio::error::eof;
    if (failed) machine.receive_eof(eof);
    failed = {};
  }
}

asio::awaitable<void> accept_on(tcp::acceptor acceptor, drywire::storage& memory) {
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), memory), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8080);
  hello::blocks memory;
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
  std::printf("listening on 127.0.0.1:%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(context, accept_on(std::move(acceptor), memory), asio::detached);
  context.run();
}
