#include "http_connection.hpp"
#include "object_pool.hpp"

#include <drywire/adapters/http_counters.hpp>
#include <drywire/adapters/http_server.hpp>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace drywire {

// A listener's handler; lives until the listener has gone, which may be after the server.
class http_server::acceptor final : public accept_handler {
 public:
  explicit acceptor(http_server& server) noexcept : server_(&server) {}

  void attach(listener& to) noexcept { listener_ = &to; }
  void abandon() noexcept { server_ = nullptr; }
  void close() noexcept { listener_->close(); }

 private:
  void on_accept(listener&, stream& transport) noexcept override {
    if (server_ != nullptr) server_->accept(transport);
  }
  void on_listener_closed(listener&) noexcept override {
    if (server_ != nullptr) server_->forget(*this);
    delete this;
  }

  http_server* server_;
  listener* listener_ = nullptr;
};

http_server::http_server(backend& loop, handler on_request, const http_server_options& options)
    : loop_(loop),
      on_request_(std::move(on_request)),
      options_(options),
      storage_(http1::server::block_bytes, options.blocks_max),
      beginnings_(http1::server::beginning_bytes, options.connections_max),
      websockets_(std::make_unique<websocket_resources>(options.websockets, nullptr)),
      exchanges_(new object_pool<exchange>) {}

http_server::~http_server() {
  for (const int signal_number : signals_) loop_.remove_signal(signal_number);
  for (acceptor* a : acceptors_) {
    a->abandon();
    a->close();
  }
  while (connections_ != nullptr) delete std::exchange(connections_, connections_->next_);
  exchanges_->abandon();
}

result<endpoint> http_server::listen(const endpoint& where,
                                     const listen_options& options) noexcept {
  auto* a = new (std::nothrow) acceptor(*this);
  if (a == nullptr) return error(ENOMEM);
  const result<listener*> made = loop_.listen(where, *a, options);
  if (!made) {
    delete a;
    return made.error();
  }
  a->attach(**made);
  acceptors_.push_back(a);
  return (*made)->local();
}

void http_server::drain(drained_callback drained) noexcept {
  if (draining_) return;
  draining_ = true;
  drained_ = std::move(drained);
  for (acceptor* a : acceptors_) a->close();
  for (http_connection* c = connections_; c != nullptr; c = c->next_) {
    c->shut_down();
  }
  if (connection_count_ == 0) tell_drained();
}

void http_server::tell_drained() noexcept {
  if (drained_callback drained = std::move(drained_)) drained();
}

error http_server::drain_on(int signal_number) noexcept {
  const error e = loop_.handle_signal(signal_number, *this);
  if (!e) signals_.push_back(signal_number);
  return e;
}

void http_server::on_signal(int) noexcept { drain(); }

// A stream that is left without a handler is dropped by its loop.
void http_server::accept(stream& transport) noexcept {
  http_counters* counters = options_.counters;
  if (draining_ || connection_count_ == options_.connections_max) {
    if (counters != nullptr) counters->connections_dropped.add();
    return;
  }
  auto* c = new (std::nothrow) http_connection(*this, transport);
  if (c == nullptr) return;
  if (counters != nullptr) counters->connections.add();
  c->next_ = connections_;
  if (connections_ != nullptr) connections_->previous_ = c;
  connections_ = c;
  ++connection_count_;
}

void http_server::forget(http_connection& connection) noexcept {
  (connection.previous_ == nullptr ? connections_ : connection.previous_->next_) = connection.next_;
  if (connection.next_ != nullptr) connection.next_->previous_ = connection.previous_;
  --connection_count_;
  if (options_.counters != nullptr) options_.counters->connections_ended.add();
  delete &connection;
  if (draining_ && connection_count_ == 0) tell_drained();
}

void http_server::forget(acceptor& gone) noexcept { std::erase(acceptors_, &gone); }

}  // namespace drywire
