#include "reply_scanner.hpp"

#include <drywire/adapters/http_trace.hpp>

#include <variant>

namespace drywire {

namespace {

// Whether the event depends on when output left, or on how the transport ended.
bool depends_on_timing(const http1::server::event& event) noexcept {
  return std::holds_alternative<http1::exchange_over>(event) ||
         std::holds_alternative<http1::output_low>(event) ||
         std::holds_alternative<http1::transport_failed>(event);
}

bool depends_on_timing(const websocket::event& event) noexcept {
  const auto* const error = std::get_if<websocket::peer_error>(&event);
  return std::holds_alternative<websocket::output_low>(event) ||
         (error != nullptr && error->what == websocket::fault::connection_lost);
}

}  // namespace

http_trace::recorder::recorder(http_trace& trace)
    : trace_(trace), replies_(std::make_unique<reply_scanner>()) {}

http_trace::recorder::~recorder() {
  fnv_hash both;
  both.add(events_.value());
  both.add(output_.value());
  trace_.sum_ += both.value();
  ++trace_.connections_;
}

void http_trace::recorder::on_event(const http1::server::event& event) noexcept {
  if (const auto* r = std::get_if<http1::request>(&event)) replies_->expect_reply(r->head->method);
  if (!depends_on_timing(event)) normalise(event, *this);
}

void http_trace::recorder::on_event(const websocket::event& event) noexcept {
  if (!depends_on_timing(event)) normalise(event, *this);
}

void http_trace::recorder::on_output(const_bytes written) noexcept {
  replies_->scan(as_text(written), [this](std::string_view kept) {
    output_.add(kept);
    trace_.output_bytes_ += kept.size();
  });
}

void http_trace::recorder::on_fin() noexcept { output_.add("fin"); }

void http_trace::recorder::event(std::string_view name) noexcept {
  joining_ = {};
  ++trace_.events_;
  events_.add("\nevent ");
  add_sized(name);
}

void http_trace::recorder::detail(std::string_view key, std::string_view value) noexcept {
  add_sized(key);
  add_sized(value);
}

void http_trace::recorder::piece(std::string_view name, const_bytes bytes) noexcept {
  if (joining_ != name) {
    event(name);
    joining_ = name;
  }
  events_.add(bytes);
}

// With its length, so that no two lists of texts have the same bytes.
void http_trace::recorder::add_sized(std::string_view text) noexcept {
  events_.add(static_cast<std::uint64_t>(text.size()));
  events_.add(text);
}

}  // namespace drywire
