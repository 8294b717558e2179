// http1::server on plain libuv: docs/driving.md.
//
//   uv_server PORT      (0: a free one; it is printed)
#include "hello.hpp"

#include <uv.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using drywire::ending;

struct connection {
  connection(uv_loop_t* loop, drywire::storage& memory) : machine(memory) {
    uv_tcp_init(loop, &tcp);
    uv_timer_init(loop, &timer);
    tcp.data = timer.data = write.data = shutdown.data = this;
    machine.advance(hello::clocks());
  }

  uv_tcp_t tcp;
  uv_timer_t timer;
  uv_write_t write;
  uv_shutdown_t shutdown;
  drywire::http1::server machine;
  std::array<char, 64 * 1024> bytes;
  std::size_t size = 0;            // received and not consumed yet
  std::vector<std::byte> leaving;  // what uv_write has until its callback
  bool closing = false;
  int open_handles = 2;
};

void drain(connection& c);

connection& of(void* data) { return *static_cast<connection*>(data); }

void end(connection& c) {
  if (std::exchange(c.closing, true)) return;
  const auto closed = [](uv_handle_t* handle) {
    connection& gone = of(handle->data);
    if (--gone.open_handles == 0) delete &gone;
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&c.timer), closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&c.tcp), closed);
}

void on_written(uv_write_t* request, int status) {
  connection& c = of(request->data);
  c.leaving.clear();
  if (c.closing) return;
  c.machine.advance(hello::clocks());
  if (status < 0) c.machine.receive_eof(false);
  drain(c);
}

// Tries to write; what the socket doesn't take is copied for uv_write. True when something left.
bool write_output(connection& c) {
  if (!c.leaving.empty()) return false;
  const drywire::output_view view = c.machine.output(64 * 1024);
  if (view.empty()) return false;
  std::array<uv_buf_t, 64> pieces;
  std::ranges::transform(view.pieces, pieces.begin(), [](drywire::const_bytes b) {
    return uv_buf_init(const_cast<char*>(drywire::as_text(b).data()),
                       static_cast<unsigned>(b.size()));
  });
  auto* stream = reinterpret_cast<uv_stream_t*>(&c.tcp);
  const auto count = static_cast<unsigned>(view.pieces.size());
  const int tried = count == 0 ? 0 : uv_try_write(stream, pieces.data(), count);
  std::size_t skip = tried < 0 ? 0 : static_cast<std::size_t>(tried);
  for (const drywire::const_bytes piece : view.pieces) {
    const std::size_t sent = std::min(skip, piece.size());
    skip -= sent;
    c.leaving.insert(c.leaving.end(), piece.begin() + static_cast<std::ptrdiff_t>(sent),
                     piece.end());
  }
  const bool fin = view.fin;
  c.machine.consume_output(view.size());
  if (!c.leaving.empty()) {
    const uv_buf_t rest = uv_buf_init(reinterpret_cast<char*>(c.leaving.data()),
                                      static_cast<unsigned>(c.leaving.size()));
    uv_write(&c.write, stream, &rest, 1, on_written);
  }
  if (fin) uv_shutdown(&c.shutdown, stream, [](uv_shutdown_t*, int) {});
  return true;
}

void set_timer(connection& c) {
  const drywire::instant deadline = c.machine.deadline();
  uv_timer_stop(&c.timer);
  if (deadline == drywire::instant::never()) return;
  const auto left = std::max<std::int64_t>((deadline - hello::clocks().steady).nanoseconds, 0);
  const auto on_timer = [](uv_timer_t* timer) {
    of(timer->data).machine.advance(hello::clocks());
    drain(of(timer->data));
  };
  uv_timer_start(&c.timer, on_timer, static_cast<std::uint64_t>(left) / 1'000'000 + 1, 0);
}

// Events and output in turn, until neither makes the other possible any more.
void drain(connection& c) {
  bool more = true;
  while (more) {
    const drywire::mutable_bytes kept(reinterpret_cast<std::byte*>(c.bytes.data()), c.size);
    auto cursor = c.machine.receive(c.leaving.empty() ? kept : drywire::mutable_bytes{});
    more = false;
    while (auto event = cursor.next()) {
      more = true;
      hello::on_event(c.machine, *event);
    }
    const std::size_t consumed = cursor.consumed();
    more = (write_output(c) || more || consumed != 0) && c.leaving.empty();
    // Lent bytes are about to move.
    if (c.machine.retain_output() != drywire::errc::ok) static_cast<void>(c.machine.abort());
    std::copy(kept.begin() + static_cast<std::ptrdiff_t>(consumed), kept.end(), kept.begin());
    c.size -= consumed;
  }
  const ending how = c.machine.ending();
  if (how == ending::reset || (how == ending::close && c.leaving.empty())) {
    end(c);
  } else {
    set_timer(c);
  }
}

void on_allocate(uv_handle_t* handle, size_t, uv_buf_t* buffer) {
  connection& c = of(handle->data);
  *buffer = uv_buf_init(c.bytes.data() + c.size, static_cast<unsigned>(c.bytes.size() - c.size));
}

void on_read(uv_stream_t* stream, ssize_t n, const uv_buf_t*) {
  connection& c = of(stream->data);
  if (n == UV_ENOBUFS) return;  // nothing is taken before the peer reads
  c.machine.advance(hello::clocks());
  if (n > 0) c.size += static_cast<std::size_t>(n);
  if (n < 0) c.machine.receive_eof(n == UV_EOF);
  drain(c);
}

void on_connection(uv_stream_t* listener, int status) {
  if (status < 0) return;
  auto* c = new connection(listener->loop, *static_cast<drywire::storage*>(listener->data));
  auto* stream = reinterpret_cast<uv_stream_t*>(&c->tcp);
  if (uv_accept(listener, stream) != 0 || uv_read_start(stream, on_allocate, on_read) != 0) {
    end(*c);
    return;
  }
  set_timer(*c);
}

}  // namespace

int main(int argc, char** argv) {
  hello::blocks memory;
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_tcp_t listener;
  uv_tcp_init(&loop, &listener);
  listener.data = static_cast<drywire::storage*>(&memory);
  sockaddr_in where;
  uv_ip4_addr("127.0.0.1", argc > 1 ? std::atoi(argv[1]) : 8080, &where);
  uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&where), 0);
  const int failed = uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 128, on_connection);
  if (failed != 0) {
    std::fprintf(stderr, "uv_server: %s\n", uv_strerror(failed));
    return 1;
  }
  int size = sizeof where;
  uv_tcp_getsockname(&listener, reinterpret_cast<sockaddr*>(&where), &size);
  std::printf("listening on 127.0.0.1:%d\n",
              (where.sin_port >> 8) | ((where.sin_port & 0xff) << 8));
  std::fflush(stdout);
  uv_run(&loop, UV_RUN_DEFAULT);
}
