#include "http_connection.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace drywire {

// exchange_pool

exchange_pool::~exchange_pool() {
  while (spare_ != nullptr) delete std::exchange(spare_, spare_->next_);
}

exchange& exchange_pool::acquire() {
  exchange* taken = spare_;
  if (taken != nullptr) {
    spare_ = std::exchange(taken->next_, nullptr);
    --spare_count_;
  } else {
    taken = new exchange(*this);
  }
  ++used_count_;
  taken->retain();
  return *taken;
}

void exchange_pool::give_back(exchange& spare) noexcept {
  --used_count_;
  if (abandoned_ || spare_count_ == spare_max) {
    delete &spare;
  } else {
    spare.next_ = std::exchange(spare_, &spare);
    ++spare_count_;
  }
  if (abandoned_ && used_count_ == 0) delete this;
}

void exchange_pool::abandon() noexcept {
  abandoned_ = true;
  if (used_count_ == 0) delete this;
}

// http_watcher

http_watcher::http_watcher(http_counters* counters, http_trace* trace) : counters_(counters) {
  if (trace != nullptr) recorder_.emplace(*trace);
}

void http_watcher::count_response(unsigned status) noexcept {
  if (counters_ == nullptr) return;
  counters_->responses[std::min<std::size_t>(status / 100, 5)].add();
}

void http_watcher::count_end(bool complete) noexcept {
  if (counters_ == nullptr) return;
  counters_->requests_ended.add();
  if (!complete) counters_->requests_cut_off.add();
}

void http_watcher::on_event(const http1::server::event& event) noexcept {
  if (recorder_) recorder_->on_event(event);
  if (counters_ == nullptr) return;
  if (std::holds_alternative<http1::request>(event)) {
    counters_->requests.add();
  } else if (const auto* piece = std::get_if<http1::body>(&event)) {
    counters_->body_bytes_received.add(piece->bytes.size());
  } else if (const auto* error = std::get_if<http1::peer_error>(&event)) {
    counters_->peer_errors[static_cast<std::size_t>(error->what)].add();
  }
}

void http_watcher::on_output(const_bytes written) noexcept {
  if (recorder_) recorder_->on_output(written);
  if (counters_ != nullptr) counters_->bytes_sent.add(written.size());
}

void http_watcher::on_fin() noexcept {
  if (recorder_) recorder_->on_fin();
}

// http_connection

http_connection::http_connection(http_server& server, stream& transport)
    : server_(server),
      driver_(server.loop_.core(), transport, *this,
              {.flush_timeout = server.options_.limits.write_timeout,
               .fixed_unix_seconds = server.options_.fixed_unix_seconds},
              server.storage_, server.beginnings_, server.options_.limits) {
  const http_server_options& options = server.options_;
  if (options.trace == nullptr && options.counters == nullptr) return;
  watcher_ = std::make_unique<http_watcher>(options.counters, options.trace);
  driver_.observe(watcher_.get());
}

http_connection::~http_connection() {
  while (oldest_ != nullptr) end_oldest(false);
}

void http_connection::on_event(machine::event& event) noexcept {
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
    // Nobody here wishes for that.
    void operator()(const http1::server_switched&) const noexcept {}
    // The connection ends by itself, and its exchanges with it.
    void operator()(const http1::peer_error&) const noexcept {}
    void operator()(const http1::transport_failed&) const noexcept {}
  };
  std::visit(visitor{*this}, event);
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
  if (watcher_ != nullptr) watcher_->count_end(complete);
  x.end(complete);
  x.release();
}

void http_connection::on_closed(error) noexcept { server_.forget(*this); }

}  // namespace drywire
