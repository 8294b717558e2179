#include "websocket_client_connection.hpp"

#include <drywire/adapters/websocket_client.hpp>

#include <memory>
#include <new>
#include <utility>

namespace drywire {

websocket_client::websocket_client(backend& loop, const websocket_client_options& options)
    : loop_(loop),
      options_(options),
      handshakes_(http1::client::block_bytes, options.handshake_blocks_max),
      resources_(std::make_unique<websocket_resources>(
          options.memory, options.keys == nullptr ? &system_ : options.keys)) {}

websocket_client::~websocket_client() {
  closed_ = true;
  while (connections_ != nullptr) delete std::exchange(connections_, connections_->next_);
}

websocket_handle websocket_client::connect(std::string_view url, websocket_handler& handler,
                                           const websocket_options& options,
                                           http1::field_list fields) {
  websocket_handle peer(
      *new websocket_peer(websocket::role::client, *resources_, deaf_websocket_handler()));
  auto made = std::make_unique<websocket_client_connection>(*this, *peer);
  if (closed_) {
    made->fail_later({.end = websocket_end::aborted});
  } else if (connection_count_ == options_.connections_max) {
    made->fail_later({.end = websocket_end::too_many});
  } else {
    made->begin(url, options, fields);
  }
  peer->set_handler(handler);
  link(*made.release());
  return peer;
}

websocket_handle websocket_client::connect(std::string_view url, websocket_callback on_message,
                                           const websocket_options& options,
                                           http1::field_list fields) {
  websocket_handler* const handler = make_websocket_listener(std::move(on_message));
  if (handler == nullptr) throw std::bad_alloc();
  try {
    return connect(url, *handler, without_pieces(options), fields);
  } catch (...) {
    destroy_websocket_listener(*handler);
    throw;
  }
}

void websocket_client::link(websocket_client_connection& connection) noexcept {
  connection.next_ = connections_;
  if (connections_ != nullptr) connections_->previous_ = &connection;
  connections_ = &connection;
  ++connection_count_;
}

void websocket_client::close() noexcept {
  closed_ = true;
  for (websocket_client_connection* c = connections_; c != nullptr; c = c->next_) c->leave();
}

void websocket_client::forget(websocket_client_connection& connection) noexcept {
  websocket_client_connection* const before = connection.previous_;
  (before == nullptr ? connections_ : before->next_) = connection.next_;
  if (connection.next_ != nullptr) connection.next_->previous_ = before;
  --connection_count_;
  delete &connection;
}

}  // namespace drywire
