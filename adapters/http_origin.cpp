#include "http_origin.hpp"

#include "http_client_connection.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace drywire {

http_origin::http_origin(http_client& client, const http::uri& url)
    : client_(client), host_(url.host), port_(url.port) {}

void http_origin::enqueue(http_call& call, bool first) noexcept {
  call.origin_ = this;
  call.previous_ = first ? nullptr : last_;
  call.next_ = first ? first_ : nullptr;
  (call.previous_ == nullptr ? first_ : call.previous_->next_) = &call;
  (call.next_ == nullptr ? last_ : call.next_->previous_) = &call;
  ++client_.waiting_count_;
}

void http_origin::remove(http_call& call) noexcept {
  (call.previous_ == nullptr ? first_ : call.previous_->next_) = call.next_;
  (call.next_ == nullptr ? last_ : call.next_->previous_) = call.previous_;
  call.next_ = call.previous_ = nullptr;
  call.origin_ = nullptr;
  --client_.waiting_count_;
  client_.sweep_later();
}

void http_origin::serve() noexcept {
  http_call* call = first_;
  while (call != nullptr) {
    http_call* const after = call->next_;
    http_client_connection* const idle = find_idle(call->resent_);
    if (idle != nullptr) {
      remove(*call);
      idle->begin(*call);
    }
    // A connection that turned out to be gone took nothing: the call is still to be served.
    call = idle != nullptr && call->origin_ != nullptr ? first_ : after;
  }
  if (first_ != nullptr) connect();
}

// The one that was in use last: its server has the least reason to have closed it meanwhile.
http_client_connection* http_origin::find_idle(bool unused_only) const noexcept {
  http_client_connection* best = nullptr;
  for (http_client_connection* c : connections_) {
    if (!c->idle() || (unused_only && c->used())) continue;
    if (best == nullptr || c->idle_since() > best->idle_since()) best = c;
  }
  return best;
}

// One connection in the making for each call that waits, as far as the limits let us.
void http_origin::connect() noexcept {
  std::size_t wanted = 0;
  for (const http_call* call = first_; call != nullptr; call = call->next_) ++wanted;
  for (const http_client_connection* c : connections_) {
    if (c->dialing() && wanted > 0) --wanted;
  }
  for (; wanted > 0; --wanted) {
    if (connections_.size() >= client_.options_.connections_per_origin_max) {
      // What waits though one is idle wants one that wasn't used.
      http_client_connection* const idle = find_idle(false);
      if (idle == nullptr) return;
      idle->close();
    }
    if (!client_.may_connect()) return;
    auto* made = new (std::nothrow) http_client_connection(client_, *this);
    if (made == nullptr) return;
    connections_.push_back(made);
    made->connect(host_, port_);
  }
}

void http_origin::leave(http_client_connection& connection) noexcept {
  std::erase(connections_, &connection);
  serve_later();
}

void http_origin::serve_later() noexcept {
  behind_ = true;
  client_.sweep_later();
}

void http_origin::catch_up() noexcept {
  if (std::exchange(behind_, false)) serve();
}

// Calls that can have another connection wait for that, and nobody tries again before it is free:
// the server may want no more than it has.
void http_origin::dial_failed(http_client_connection& connection,
                              const http_outcome& why) noexcept {
  std::erase(connections_, &connection);
  client_.sweep_later();
  http_call* const call = to_fail();
  if (call == nullptr) return;
  client_.put_off(*call, why);
  serve_later();
}

http_call* http_origin::to_fail() const noexcept {
  if (first_ == nullptr || first_->resent_) return first_;
  const bool another = std::ranges::any_of(
      connections_, [](const http_client_connection* c) { return !c->dialing(); });
  return another ? nullptr : first_;
}

}  // namespace drywire
