#include "ws_session.hpp"

#include "failure.hpp"

#include <drywire/protocol/http1_client.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace drywire::tools {

namespace {

constexpr int signals[] = {SIGINT, SIGTERM};

message_printer::form form_of(const ws_flags& wanted) noexcept {
  if (wanted.binary) return message_printer::form::raw;
  return ::isatty(STDOUT_FILENO) != 0 ? message_printer::form::terminal
                                      : message_printer::form::lines;
}

// That nobody reads any more isn't worth a word.
std::string why_not_written(error e) {
  return e == std::errc::broken_pipe ? "" : "standard output: " + std::string(e.message());
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

ws_session::ws_session(const ws_flags& wanted, backend& loop)
    : wanted_(wanted),
      loop_(loop),
      output_(STDOUT_FILENO, loop.core().remote()),
      printer_(form_of(wanted)),
      input_(descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)), loop.core().remote()),
      sender_(input_, wanted.binary) {
  input_.when_ready([this] {
    if (peer_ && opened_ && !sent_) send(*peer_);
  });
  output_.when_ready([this] { go_on_writing(); });
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
  if (!stopped_) {
    output_.write(printer_.print(piece));
    waits_for_reader_ = output_.full();
    if (waits_for_reader_) static_cast<void>(peer.hold());
  }
  close_if_done(peer);
}

// There is room again, or nobody reads any more.
void ws_session::go_on_writing() noexcept {
  if (!peer_ || over_) return;
  if (const error e = output_.why()) stop(*peer_, 1, why_not_written(e));
  waits_for_reader_ = false;
  static_cast<void>(peer_->resume());
  close_if_done(*peer_);
}

void ws_session::finish_output() {
  output_.flush();
  const error e = output_.why();
  if (!e || status_ != 0) return;
  status_ = 1;
  why_ = why_not_written(e);
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

// Not while what comes is held back: to close then would drop it.
void ws_session::close_if_done(websocket_peer& peer) noexcept {
  const bool done = sent_ && !wanted_.keep_open && received_ >= wanted_.answers;
  if (!done || waits_for_reader_ || closed_with_ != 0) return;
  close(peer, websocket::close_code::normal);
}

void ws_session::close(websocket_peer& peer, std::uint16_t code) noexcept {
  if (peer.close(code) != errc::ok) return;
  closed_with_ = code;
  tell("close", "code", std::to_string(code));
}

// The first reason counts. The peer's answer comes behind what was held back.
void ws_session::stop(websocket_peer& peer, int status, std::string why) noexcept {
  if (stopped_) return;
  stopped_ = true;
  status_ = status;
  why_ = std::move(why);
  close(peer, websocket::close_code::going_away);
  static_cast<void>(peer.resume());
}

void ws_session::on_closed(websocket_peer&, const websocket_outcome& how) noexcept {
  over_ = true;
  tell_end(how);
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

void ws_session::handle_signals() {
  for (const int number : signals) {
    if (const error e = loop_.handle_signal(number, *this)) {
      throw failure("signal " + std::to_string(number) + ": " + std::string(e.message()));
    }
  }
}

void ws_session::remove_signals() noexcept {
  for (const int number : signals) loop_.remove_signal(number);
}

// The first lets the peer answer, and who reads the output read on; a second one is the system's.
void ws_session::on_signal(int) noexcept {
  remove_signals();
  if (!stopped_ && peer_->speaks()) return stop(*peer_, 0, "");
  static_cast<void>(peer_->abort());
}

void ws_session::tell_request() noexcept {
  if (!events_) return;
  events_->event("request");
  events_->detail("url", wanted_.url);
  for (const std::string& name : wanted_.subprotocols) events_->detail("subprotocol", name);
  for (const auto& [name, value] : wanted_.fields) events_->detail(name, value);
  events_->end_line();
}

void ws_session::tell_end(const websocket_outcome& how) noexcept {
  if (!events_) return;
  if (!how.clean()) return tell("end", "how", how.message());
  events_->event("closed");
  events_->detail("code", std::to_string(how.code));
  if (!how.reason.empty()) events_->detail("reason", how.reason);
  events_->end_line();
}

void ws_session::tell(std::string_view event, std::string_view key,
                      std::string_view value) noexcept {
  if (!events_) return;
  events_->event(event);
  events_->detail(key, value);
  events_->end_line();
}

}  // namespace drywire::tools
