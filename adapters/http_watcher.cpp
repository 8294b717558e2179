#include "http_watcher.hpp"

#include <algorithm>
#include <variant>

namespace drywire {

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

void http_watcher::on_event(const http_machine::event& event) noexcept {
  std::visit(
      [this](const auto& e) noexcept {
        if (recorder_) recorder_->on_event(e);
        if (counters_ != nullptr) count(e);
      },
      static_cast<const std::variant<http1::server_event, websocket::event>&>(event));
}

void http_watcher::count(const http1::server_event& event) noexcept {
  if (std::holds_alternative<http1::request>(event)) {
    counters_->requests.add();
  } else if (const auto* piece = std::get_if<http1::body>(&event)) {
    counters_->body_bytes_received.add(piece->bytes.size());
  } else if (const auto* error = std::get_if<http1::peer_error>(&event)) {
    counters_->peer_errors[static_cast<std::size_t>(error->what)].add();
  } else if (std::holds_alternative<http1::server_switched>(event)) {
    counters_->websockets.add();
  }
}

void http_watcher::count(const websocket::event& event) noexcept {
  if (const auto* piece = std::get_if<websocket::message>(&event)) {
    if (piece->last) counters_->websocket_messages.add();
    counters_->websocket_bytes_received.add(piece->bytes.size());
  } else if (const auto* error = std::get_if<websocket::peer_error>(&event)) {
    counters_->websocket_errors[static_cast<std::size_t>(error->what)].add();
  }
}

void http_watcher::on_output(const_bytes written) noexcept {
  if (recorder_) recorder_->on_output(written);
  if (counters_ != nullptr) counters_->bytes_sent.add(written.size());
}

void http_watcher::on_fin() noexcept {
  if (recorder_) recorder_->on_fin();
}

}  // namespace drywire
