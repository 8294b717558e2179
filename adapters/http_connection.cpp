#include "http_connection.hpp"

#include "object_pool.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace drywire {

http_connection::http_connection(http_server& server, stream& transport)
    : server_(server),
      driver_(server.loop_.core(), transport, *this,
              {.flush_timeout = server.options_.limits.write_timeout,
               .fixed_unix_seconds = server.options_.fixed_unix_seconds},
              websocket_maker{this}, server.storage_, server.beginnings_, server.options_.limits) {
  const http_server_options& options = server.options_;
  if (options.trace == nullptr && options.counters == nullptr) return;
  driver_.observe(new http_watcher(options.counters, options.trace));
}

http_connection::~http_connection() {
  while (oldest_ != nullptr) end_oldest(false);
  if (const websocket_part* part = driver_.machine().second()) {
    part->peer().end({.end = websocket_end::aborted});
  }
  const http_watcher* const gone = watcher();
  driver_.observe(nullptr);
  delete gone;
}

void http_connection::on_event(machine::event& event) noexcept {
  if (auto* http = std::get_if<http1::server_event>(&event)) return on_http(*http);
  driver_.machine().second()->peer().take(*std::get_if<websocket::event>(&event));
}

void http_connection::on_http(http1::server_event& event) noexcept {
  struct visitor {
    http_connection& self;

    void operator()(const http1::request& e) const noexcept { self.begin(e); }
    void operator()(const http1::body& e) const noexcept { self.newest_->take_body(e.bytes); }
    void operator()(const http1::trailers& e) const noexcept { self.newest_->trailers_ = e.fields; }
    void operator()(const http1::request_end&) const noexcept { self.newest_->end_body(); }
    void operator()(const http1::exchange_over& e) const noexcept {
      while (self.oldest_ != nullptr && self.oldest_->number_ <= e.exchange) self.end_oldest(true);
    }
    void operator()(const http1::output_low&) const noexcept {
      if (self.newest_ != nullptr) self.newest_->tell_drained();
    }
    void operator()(const http1::server_switched&) const noexcept { self.begin_websocket(); }
    // The connection ends by itself, and its exchanges with it.
    void operator()(const http1::peer_error&) const noexcept {}
    void operator()(const http1::transport_failed&) const noexcept {}
  };
  std::visit(visitor{*this}, event);
}

void http_connection::shut_down() noexcept {
  machine& m = call();
  if (m.first() != nullptr) {
    static_cast<void>(m.first()->shut_down());
  } else {
    m.second()->peer().leave();
  }
}

void http_connection::abort() noexcept {
  machine& m = call();
  static_cast<void>(m.first() != nullptr ? m.first()->abort()
                                         : m.second()->apply(websocket::wish::abort{}));
}

void http_connection::begin(const http1::request& event) noexcept {
  exchange& x = server_.exchanges_->acquire();
  x.begin(*this, event);
  (newest_ == nullptr ? oldest_ : newest_->next_) = &x;
  newest_ = &x;
  server_.on_request_(x);
  if (x.reading_ != exchange::reading::none) return;
  x.answer_if_forgotten();
  if (event.head->body == http1::framing::none) return;
  // Somebody may ask for the body later; until then it stays with the peer.
  if (http1::server* m = x.machine(); m != nullptr && m->response_open()) {
    static_cast<void>(m->hold_body());
  }
}

void http_connection::end_oldest(bool complete) noexcept {
  exchange& x = *oldest_;
  oldest_ = std::exchange(x.next_, nullptr);
  if (oldest_ == nullptr) newest_ = nullptr;
  if (watcher() != nullptr) watcher()->count_end(complete);
  x.end(complete);
  x.release();
}

// A peer that is held in the middle of a message wasn't told.
void http_connection::on_closed(error) noexcept {
  if (const websocket_part* part = driver_.machine().second()) {
    part->peer().end({.end = websocket_end::fault, .fault = websocket::fault::connection_lost});
  }
  server_.forget(*this);
}

}  // namespace drywire
