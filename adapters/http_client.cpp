#include "http_client_connection.hpp"
#include "http_collector.hpp"
#include "http_origin.hpp"
#include "http_url.hpp"
#include "object_pool.hpp"

#include <drywire/adapters/http_client.hpp>
#include <drywire/deflate/inflater.hpp>

#include <utility>

namespace drywire {

http_client::http_client(backend& loop, const http_client_options& options)
    : loop_(loop),
      options_(options),
      storage_(http1::client::block_bytes, options.blocks_max),
      decoder_storage_(deflate::inflate_block_bytes(), options.decoded_bodies_max),
      calls_(new object_pool<http_call>) {
  options_.limits.requests_max = 1;  // what is repeated, or fails, is one call's
}

http_client::~http_client() {
  closed_ = true;
  for (http_client_connection* c = connections_; c != nullptr; c = c->next_) {
    if (http_call* call = c->detach()) put_off(*call, {http_end::closed});
  }
  while (floating_ != nullptr) put_off(*floating_, {http_end::closed});
  for (const auto& [name, origin] : origins_) {
    while (http_call* call = origin->first_waiting()) put_off(*call, {http_end::closed});
  }
  while (connections_ != nullptr) delete std::exchange(connections_, connections_->next_);
  origins_.clear();
  while (http_call* call = take_put_off()) {
    const bool ends =
        std::exchange(call->later_, http_call::later::nothing) == http_call::later::end;
    call->end(ends ? call->outcome_ : http_outcome{http_end::closed});
  }
  calls_->abandon();
}

http_call_handle http_client::start(http_request request, http_call_handler& handler) {
  http_call& call = calls_->acquire();
  call.handler_ = &handler;
  return begin(call, request);
}

http_call_handle http_client::fetch(http_request request, std::size_t body_bytes_max,
                                    answer_callback on_answer) {
  http_call& call = calls_->acquire();
  if (call.collector_ == nullptr) call.collector_ = std::make_unique<http_collector>();
  call.collector_->begin(body_bytes_max, std::move(on_answer));
  call.handler_ = call.collector_.get();
  return begin(call, request);
}

http_call_handle http_client::begin(http_call& call, http_request& request) {
  http_call_handle handle(call);
  call.client_ = this;
  http_outcome how = call.keep(request, options_.url_bytes_max);
  if (how.complete() && closed_) how = {http_end::closed};
  if (how.complete() && waiting_count_ >= options_.calls_waiting_max) {
    how = {http_end::too_many_waiting};
  }
  if (!how.complete()) {
    put_off(call, how);
    return handle;
  }
  if (request.timeout != duration::max()) {
    loop_.core().arm(call, loop_.time().steady + request.timeout);
  }
  enter(call);
  return handle;
}

void http_client::enter(http_call& call) noexcept {
  auto found = origins_.find(call.authority_);
  if (found == origins_.end()) {
    const http::uri url = http::parse_uri(call.url_).value_or(http::uri{});
    found = origins_.emplace(call.authority_, std::make_unique<http_origin>(*this, url)).first;
  }
  found->second->enqueue(call, call.resent_);
  found->second->serve();
}

void http_client::close() noexcept {
  closed_ = true;
  while (idle_oldest_ != nullptr) idle_oldest_->close();
  for (http_client_connection* c = connections_; c != nullptr;) {
    http_client_connection* const next = c->next_;
    if (c->unwanted()) forget(*c);
    c = next;
  }
}

// Calls that are put off to the end of the turn.

void http_client::put_off(http_call& call, const http_outcome& how) noexcept {
  call.leave();
  call.outcome_ = how;
  push_put_off(call, http_call::later::end);
}

void http_client::restart(http_call& call) noexcept {
  push_put_off(call, http_call::later::restart);
}

void http_client::push_put_off(http_call& call, http_call::later what) noexcept {
  if (std::exchange(call.later_, what) != http_call::later::nothing) return;
  (put_off_ == nullptr ? put_off_ : put_off_last_->put_off_next_) = &call;
  put_off_last_ = &call;
  ++put_off_count_;
  loop_.core().at_turn_end(*this);
}

http_call* http_client::take_put_off() noexcept {
  http_call* const call = put_off_;
  if (call == nullptr) return nullptr;
  put_off_ = std::exchange(call->put_off_next_, nullptr);
  --put_off_count_;
  return call;
}

// What these cause comes in the next turn.
void http_client::on_turn_end() noexcept {
  for (std::size_t left = put_off_count_; left > 0; --left) {
    http_call& call = *take_put_off();
    switch (std::exchange(call.later_, http_call::later::nothing)) {
      case http_call::later::nothing: break;
      case http_call::later::deliver: call.go_on(); break;
      case http_call::later::restart: enter(call); break;
      case http_call::later::end: call.end(call.outcome_); break;
    }
  }
  sweep();
}

void http_client::float_call(http_call& call) noexcept {
  call.floats_ = true;
  call.next_ = floating_;
  if (floating_ != nullptr) floating_->previous_ = &call;
  floating_ = &call;
}

void http_client::sink_call(http_call& call) noexcept {
  call.floats_ = false;
  (call.previous_ == nullptr ? floating_ : call.previous_->next_) = call.next_;
  if (call.next_ != nullptr) call.next_->previous_ = call.previous_;
  call.next_ = call.previous_ = nullptr;
}

void http_client::sweep() noexcept {
  for (const auto& [name, origin] : origins_) origin->catch_up();
  std::erase_if(origins_, [](const auto& entry) { return entry.second->unused(); });
}

// Connections.

bool http_client::may_connect() noexcept {
  if (connection_count_ < options_.connections_max) return true;
  starved_ = true;
  if (idle_oldest_ != nullptr) idle_oldest_->close();
  return false;
}

void http_client::link(http_client_connection& connection) noexcept {
  connection.next_ = connections_;
  if (connections_ != nullptr) connections_->previous_ = &connection;
  connections_ = &connection;
  ++connection_count_;
}

void http_client::forget(http_client_connection& connection) noexcept {
  connection.leave_origin();
  http_client_connection* const before = connection.previous_;
  (before == nullptr ? connections_ : before->next_) = connection.next_;
  if (connection.next_ != nullptr) connection.next_->previous_ = before;
  --connection_count_;
  delete &connection;
  if (!std::exchange(starved_, false)) return;
  for (const auto& [name, origin] : origins_) origin->serve_later();
}

}  // namespace drywire
