// A complete WebSocket echo server on Boost.Beast, as its own examples write one: a peer of
// `./dev bench ws`, and the twin of ws_echo.cpp in `./dev bench compile`. What would slow an echo
// down is turned off: fragments of 4 KiB, and an executor of any type.
//
//   bench_ws_beast        prints "listening on 127.0.0.1:PORT"
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>

#include <cstdio>
#include <memory>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using executor = asio::io_context::executor_type;
using stream = beast::basic_stream<tcp, executor, beast::unlimited_rate_policy>;

class connection : public std::enable_shared_from_this<connection> {
 public:
  explicit connection(asio::basic_stream_socket<tcp, executor> socket) : ws_(std::move(socket)) {
    ws_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    ws_.auto_fragment(false);
  }

  void run() {
    ws_.async_accept(beast::bind_front_handler(&connection::on_accept, shared_from_this()));
  }

 private:
  void on_accept(beast::error_code failed) {
    if (!failed) read();
  }

  void read() {
    ws_.async_read(bytes_, beast::bind_front_handler(&connection::on_read, shared_from_this()));
  }

  void on_read(beast::error_code failed, std::size_t) {
    if (failed) return;
    ws_.text(ws_.got_text());
    ws_.async_write(bytes_.data(),
                    beast::bind_front_handler(&connection::on_write, shared_from_this()));
  }

  void on_write(beast::error_code failed, std::size_t) {
    if (failed) return;
    bytes_.consume(bytes_.size());
    read();
  }

  websocket::stream<stream> ws_;
  beast::flat_buffer bytes_;
};

class server {
 public:
  explicit server(asio::io_context& loop)
      : acceptor_(loop, {asio::ip::address_v4::loopback(), 0}), socket_(loop) {}

  unsigned short port() { return acceptor_.local_endpoint().port(); }

  void accept() {
    acceptor_.async_accept(socket_, [this](beast::error_code failed) {
      if (!failed) {
        socket_.set_option(tcp::no_delay(true));
        std::make_shared<connection>(std::move(socket_))->run();
      }
      accept();
    });
  }

 private:
  asio::basic_socket_acceptor<tcp, executor> acceptor_;
  asio::basic_stream_socket<tcp, executor> socket_;
};

}  // namespace

int main() {
  asio::io_context loop(1);
  server echo(loop);
  std::printf("listening on 127.0.0.1:%u\n", static_cast<unsigned>(echo.port()));
  std::fflush(stdout);
  echo.accept();
  loop.run();
}
