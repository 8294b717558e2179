#include "ws_session.hpp"

#include <drywire/protocol/http1_client.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace drywire::tools {

namespace {

message_printer::form form_of(const ws_flags& wanted) noexcept {
  if (wanted.binary) return message_printer::form::raw;
  return ::isatty(STDOUT_FILENO) != 0 ? message_printer::form::terminal
                                      : message_printer::form::lines;
}

// With the section, where a rule was broken.
std::string message_of(const websocket_outcome& how) {
  if (how.end == websocket_end::fault) {
    const std::string_view section = websocket::rfc_section(how.fault);
    return how.message() + (section.empty() ? "" : " (" + std::string(section) + ")");
  }
  return how.message();
}

}  // namespace

ws_session::ws_session(const ws_flags& wanted, const loop_remote& loop)
    : wanted_(wanted),
      printer_(output_, form_of(wanted)),
      input_(descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)), loop),
      sender_(input_, wanted.binary) {
  input_.when_ready([this] {
    if (peer_ && opened_ && !sent_) send(*peer_);
  });
  if (wanted.events) events_.emplace(stderr, event_writer::form::text);
  tell_request();
}

void ws_session::on_response(websocket_peer&, const http1::response_head& head) noexcept {
  if (!events_) return;
  normalise(http1::client_event(http1::response{&head, 1}), *events_);
  events_->end_line();
}

void ws_session::on_open(websocket_peer& peer) noexcept {
  opened_ = true;
  send(peer);
}

void ws_session::on_piece(websocket_peer& peer, const websocket::message& piece) noexcept {
  piece_bytes_ += piece.bytes.size();
  if (piece.last) {
    ++received_;
    tell(piece.kind == websocket::kind::text ? "text" : "binary", "bytes",
         std::to_string(std::exchange(piece_bytes_, 0)));
  }
  if (stopped_ || printer_.print(piece)) return close_if_done(peer);
  const error e = output_.why();
  stop(peer, 1, e == std::errc::broken_pipe ? "" : "standard output: " + std::string(e.message()));
}

void ws_session::on_ping(websocket_peer&, const_bytes payload) noexcept {
  tell("ping", "payload", as_text(payload));
}

void ws_session::on_pong(websocket_peer&, const_bytes payload) noexcept {
  tell("pong", "payload", as_text(payload));
}

void ws_session::send(websocket_peer& peer) noexcept {
  if (sent_ || stopped_ || !peer.speaks()) return;
  switch (sender_.go_on(peer)) {
    case line_sender::state::waiting: return;
    case line_sender::state::failed: return stop(peer, 2, sender_.why());
    case line_sender::state::done: break;
  }
  sent_ = true;
  tell("input end", "messages", std::to_string(sender_.messages()));
  close_if_done(peer);
}

void ws_session::close_if_done(websocket_peer& peer) noexcept {
  if (!sent_ || wanted_.keep_open || received_ < wanted_.answers || closed_with_ != 0) return;
  close(peer, websocket::close_code::normal);
}

void ws_session::close(websocket_peer& peer, std::uint16_t code) noexcept {
  if (peer.close(code) != errc::ok) return;
  closed_with_ = code;
  tell("close", "code", std::to_string(code));
}

// The first reason counts.
void ws_session::stop(websocket_peer& peer, int status, std::string why) noexcept {
  if (stopped_) return;
  stopped_ = true;
  status_ = status;
  why_ = std::move(why);
  close(peer, websocket::close_code::going_away);
}

void ws_session::on_closed(websocket_peer&, const websocket_outcome& how) noexcept {
  over_ = true;
  if (how.clean()) {
    tell("closed", "code", std::to_string(how.code));
    if (events_ && !how.reason.empty()) events_->detail("reason", how.reason);
  } else {
    tell("end", "how", how.message());
  }
  if (events_) events_->end_line();
  if (!stopped_) judge(how);
}

void ws_session::judge(const websocket_outcome& how) {
  const bool in_order =
      how.clean() && (how.code == websocket::close_code::normal ||
                      how.code == websocket::close_code::no_status || how.code == closed_with_);
  if (in_order) return;
  status_ = opened_ ? 1 : 2;
  why_ = message_of(how);
}

// The first lets the peer answer; the second doesn't.
void ws_session::on_signal(int) noexcept {
  if (!peer_) return;
  if (stopped_ || !peer_->speaks()) {
    static_cast<void>(peer_->abort());
    return;
  }
  stop(*peer_, 0, "");
}

void ws_session::tell_request() noexcept {
  if (!events_) return;
  events_->event("request");
  events_->detail("url", wanted_.url);
  for (const std::string& name : wanted_.subprotocols) events_->detail("subprotocol", name);
  for (const auto& [name, value] : wanted_.fields) events_->detail(name, value);
  events_->end_line();
}

void ws_session::tell(std::string_view event, std::string_view key,
                      std::string_view value) noexcept {
  if (!events_) return;
  events_->event(event);
  events_->detail(key, value);
}

}  // namespace drywire::tools
