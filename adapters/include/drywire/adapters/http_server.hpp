// An HTTP/1.1 server on any loop.
//
//   auto loop = drywire::make_native();
//   drywire::http_server server(*loop, [](drywire::exchange& x) {
//     static_cast<void>(x.respond(200, {{"Content-Type", "text/plain"}}, "hello\n"));
//   });
#pragma once

#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/exchange.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/adapters/websocket_options.hpp>
#include <drywire/loop/backend.hpp>
#include <drywire/protocol/http1_server.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace drywire {

class http_connection;
class http_trace;
struct http_counters;
struct websocket_resources;

struct http_server_options {
  http1::limits limits = {};
  /// Connections at a time; more are dropped as they come.
  std::size_t connections_max = 65'536;
  /// Blocks of http1::server::block_bytes for long heads, chunked requests and queued output. A
  /// request that gets none is answered with 503. Short heads don't need one: for those each
  /// connection may have http1::server::beginning_bytes.
  std::size_t blocks_max = 16'384;
  /// Of all its WebSockets together.
  websocket_memory websockets = {};
  /// The wall clock stands still, so that replies compare byte by byte.
  std::optional<std::int64_t> fixed_unix_seconds = {};
  /// Sees every event and reply; outlives the server.
  http_trace* trace = nullptr;
  /// Counts what happens; outlives the server.
  http_counters* counters = nullptr;
};

/// One thread, the loop's. The loop outlives it.
class http_server final : private signal_handler {
 public:
  using handler = inplace_function<void(exchange&)>;
  using drained_callback = inplace_function<void()>;

  /// `on_request` is called for each request, when its head is complete. It answers, or asks for
  /// the body, or keeps a handle to answer later; a request for which it did none of these is
  /// answered with 500.
  http_server(backend& loop, handler on_request, const http_server_options& options = {});
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  /// Connections that live are aborted. Precondition: not from within a callback of its exchanges
  /// or WebSockets.
  ~http_server();

  /// Accepts there, too. Returns the address with the real port. Errors: backend::listen's.
  [[nodiscard]] result<endpoint> listen(const endpoint& where,
                                        const listen_options& options = {}) noexcept;

  /// Graceful end: accepts nothing more, lets exchanges in progress finish, closes connections as
  /// they become idle. Then nothing of it keeps the loop running. No effect the second time.
  /// `drained` is called once, when the last connection has gone: in here, if there is none. The
  /// server may not be destroyed from there.
  void drain(drained_callback drained = {}) noexcept;
  /// Drains when the signal comes. Errors: backend::handle_signal's.
  [[nodiscard]] error drain_on(int signal_number) noexcept;

  /// Connections now.
  [[nodiscard]] std::size_t connections() const noexcept { return connection_count_; }

 private:
  friend class http_connection;
  class acceptor;

  void accept(stream& transport) noexcept;
  void forget(http_connection& connection) noexcept;
  void forget(acceptor& gone) noexcept;
  void tell_drained() noexcept;
  void on_signal(int signal_number) noexcept override;

  backend& loop_;
  handler on_request_;
  http_server_options options_;
  pool_storage storage_;
  pool_storage beginnings_;
  std::unique_ptr<websocket_resources> websockets_;
  object_pool<exchange>* exchanges_;
  std::vector<acceptor*> acceptors_;
  std::vector<int> signals_;
  http_connection* connections_ = nullptr;
  std::size_t connection_count_ = 0;
  drained_callback drained_;
  bool draining_ = false;
};

}  // namespace drywire
