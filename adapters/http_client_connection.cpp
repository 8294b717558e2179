#include "http_client_connection.hpp"

#include "http_origin.hpp"
#include "http_redirect.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace drywire {

http_client_connection::http_client_connection(http_client& client, http_origin& origin) noexcept
    : client_(client),
      origin_(&origin),
      dial_(client.loop_,
            {client.options_.connect_timeout, client.options_.names, client.options_.connect_to},
            *this) {
  client.link(*this);
}

http_client_connection::~http_client_connection() = default;

void http_client_connection::on_connected(stream& transport) noexcept {
  driver_.emplace(client_.loop_.core(), transport, *this,
                  driver_options{.flush_timeout = client_.options_.close_timeout}, client_.storage_,
                  client_.options_.limits);
  driver_->observe(&output_);
  rest();
}

void http_client_connection::on_dial_failed(const http_outcome& why) noexcept {
  state_ = state::closing;
  std::exchange(origin_, nullptr)->dial_failed(*this, why);
  client_.forget(*this);
}

bool http_client_connection::unwanted() const noexcept {
  return dialing() && origin_->first_waiting() == nullptr;
}

// Requests.

void http_client_connection::begin(http_call& call) noexcept {
  leave_idle();
  const errc e = send(driver_->call(), call);
  if (e == errc::ok) {
    state_ = state::busy;
    ++exchanges_;
    output_.seen = answered_ = false;
    call_ = &call;
    call.connection_ = this;
  } else if (e == errc::connection_gone || e == errc::out_of_turn) {
    origin_->enqueue(call, true);
    leave_origin();
  } else {
    enter_idle();
    client_.put_off(call, {.end = http_end::invalid_request, .refused = e});
  }
}

errc http_client_connection::send(machine& to, http_call& call) noexcept {
  if (call.source_ == nullptr) {
    // The call's own copy lives until the exchange is over, or the connection is dropped.
    return to.send_request(call.method_, call.target_, call.fields_, text_bytes(call.body_),
                           http1::lifetime::stable);
  }
  const errc e = to.start_request(call.method_, call.target_, call.fields_, call.source_length_);
  return e == errc::ok ? to.pull_from(call) : e;
}

void http_client_connection::drop_call() noexcept {
  static_cast<void>(detach());
  leave_origin();
  static_cast<void>(driver_->call().abort());
}

// Nothing that asks for another protocol is sent.
void http_client_connection::refuse_switch() noexcept {
  end_call({.end = http_end::peer_error, .fault = http1::fault::unasked_switch});
  static_cast<void>(driver_->call().abort());
}

http_call* http_client_connection::detach() noexcept {
  if (call_ != nullptr) call_->connection_ = nullptr;
  return std::exchange(call_, nullptr);
}

// Responses.

void http_client_connection::on_event(machine::event& event) noexcept {
  struct visitor {
    http_client_connection& self;

    void operator()(const http1::informational& e) const noexcept {
      if (self.call_ != nullptr) self.call_->handler_->on_informational(*self.call_, *e.head);
    }
    void operator()(const http1::response& e) const noexcept { self.begin_response(*e.head); }
    void operator()(const http1::body& e) const noexcept {
      if (self.call_ != nullptr) self.call_->take_body(e.bytes);
    }
    void operator()(const http1::trailers& e) const noexcept {
      if (self.call_ != nullptr) self.call_->handler_->on_trailers(*self.call_, e.fields);
    }
    void operator()(const http1::response_end&) const noexcept { self.end_response(); }
    void operator()(const http1::exchange_over&) const noexcept { self.end_exchange(); }
    void operator()(const http1::output_low&) const noexcept {}
    void operator()(const http1::switched&) const noexcept { self.refuse_switch(); }
    void operator()(const http1::peer_closed&) const noexcept { self.end_call({}); }
    void operator()(const http1::peer_error& e) const noexcept {
      self.end_call({.end = http_end::peer_error, .fault = e.what});
    }
    // on_closed() follows, with the reason.
    void operator()(const http1::transport_failed&) const noexcept {}
  };
  std::visit(visitor{*this}, event);
}

void http_client_connection::begin_response(const http1::response_head& head) noexcept {
  answered_ = true;
  if (call_ == nullptr) return;
  if (call_->follows_ && is_redirect(head)) {
    redirect(head);
    return;
  }
  machine& m = driver_->call();
  static_cast<void>(
      m.raise_body_limit(std::min(call_->body_bytes_max_, client_.options_.limits.body_bytes_max)));
  if (call_->held_) static_cast<void>(m.hold_body());
  if (call_->begin_decoding(head)) {
    call_->handler_->on_head(*call_, head);
  } else {
    client_.put_off(*call_, {http_end::coding_unsupported});
  }
}

// The call goes on elsewhere; what is left of this exchange is read for nothing.
void http_client_connection::redirect(const http1::response_head& head) noexcept {
  http_call& call = *detach();
  machine& m = driver_->call();
  static_cast<void>(m.stop_request());
  static_cast<void>(m.raise_body_limit(client_.options_.redirect_body_bytes_max));
  static_cast<void>(m.discard_body());
  const http_outcome how = call.redirect(head, client_.options_.url_bytes_max);
  if (how.complete()) {
    client_.restart(call);
    call.handler_->on_redirect(call, head, call.url_);
  } else {
    client_.put_off(call, how);
  }
}

// A server that has answered in full can do without what it hasn't read of the request.
void http_client_connection::end_response() noexcept {
  static_cast<void>(driver_->call().stop_request());
}

void http_client_connection::end_exchange() noexcept {
  http_call* const call = detach();
  if (driver_->machine().takes_request()) {
    rest();
  } else {
    leave_origin();
  }
  if (call != nullptr) call->end_body();
}

// The end.

void http_client_connection::on_closed(error why) noexcept {
  if (call_ != nullptr && call_->source_failed_) {
    end_call({http_end::source_failed});
  } else {
    end_call({.end = http_end::transport_failed, .system = why});
  }
  client_.forget(*this);
}

// The connection takes no more; if there is a call, it came out so, or is sent once more.
void http_client_connection::end_call(const http_outcome& how) noexcept {
  leave_origin();
  const bool again = resends(how);
  http_call* const call = detach();
  if (call == nullptr) return;
  if (again && call->rewind()) {
    call->resent_ = true;
    client_.restart(*call);
  } else {
    call->end(how);
  }
}

// A connection that was used before may have ended before the server saw the request, RFC 9112
// 9.3.1. Nobody can have acted on what never left.
bool http_client_connection::resends(const http_outcome& how) const noexcept {
  if (call_ == nullptr || exchanges_ < 2 || call_->resent_ || answered_) return false;
  const bool unanswered =
      how.end == http_end::transport_failed ||
      (how.end == http_end::peer_error &&
       (how.fault == http1::fault::unanswered || how.fault == http1::fault::unsolicited_response));
  return unanswered && (!output_.seen || is_idempotent(call_->method_));
}

// Idleness.

void http_client_connection::rest() noexcept {
  enter_idle();
  origin_->serve();
  if (!idle()) return;
  if (client_.closed_ || client_.starved_) {
    close();
  } else if (client_.idle_count_ > client_.options_.idle_connections_max) {
    client_.idle_oldest_->close();
  }
}

void http_client_connection::enter_idle() noexcept {
  state_ = state::idle;
  idle_since_ = ++client_.idle_clock_;
  idle_previous_ = client_.idle_newest_;
  (idle_previous_ == nullptr ? client_.idle_oldest_ : idle_previous_->idle_next_) = this;
  client_.idle_newest_ = this;
  ++client_.idle_count_;
}

void http_client_connection::leave_idle() noexcept {
  (idle_previous_ == nullptr ? client_.idle_oldest_ : idle_previous_->idle_next_) = idle_next_;
  (idle_next_ == nullptr ? client_.idle_newest_ : idle_next_->idle_previous_) = idle_previous_;
  idle_next_ = idle_previous_ = nullptr;
  --client_.idle_count_;
}

void http_client_connection::close() noexcept {
  leave_origin();
  static_cast<void>(driver_->call().shut_down());
}

void http_client_connection::leave_origin() noexcept {
  if (origin_ == nullptr) return;
  if (idle()) leave_idle();
  state_ = state::closing;
  std::exchange(origin_, nullptr)->leave(*this);
}

}  // namespace drywire
