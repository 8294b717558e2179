#include "websocket_part.hpp"

#include <drywire/adapters/coroutine/websocket.hpp>

#include <new>

namespace drywire::co {

namespace detail {

websocket_state::~websocket_state() {
  for (websocket_waiter*& who : waiters_) {
    if (who != nullptr) std::exchange(who, nullptr)->lose();
  }
  if (peer) static_cast<void>(peer->abandon());
}

void websocket_state::tell(websocket_wait what) noexcept {
  websocket_waiter* const who = waiters_[index(what)];
  if (who != nullptr) who->look();
}

// Wishes.

bool websocket_state::ask() noexcept {
  if (has_message_ || over_) return true;
  if (bytes_.capacity() > spare_bytes_max) std::vector<std::byte>().swap(bytes_);
  static_cast<void>(peer->resume());
  return false;
}

std::optional<websocket_message> websocket_state::take() noexcept {
  if (!std::exchange(has_message_, false)) return std::nullopt;
  return websocket_message{kind_, bytes_};
}

errc websocket_state::send(drywire::websocket::kind what, const_bytes bytes) noexcept {
  return over_ ? errc::connection_gone : peer->send(what, bytes);
}

void websocket_state::close(std::uint16_t code, std::string_view reason) noexcept {
  if (over_) return;
  deaf_ = true;
  const errc e = peer->close(code, reason);
  // The peer's Close comes behind its messages.
  static_cast<void>(e == errc::ok || e == errc::out_of_turn ? peer->resume() : peer->abort());
}

void websocket_state::fail(const websocket_outcome& how) noexcept {
  over_ = true;
  outcome = how;
  outcome.reason = keep_reason(how.reason);
  for (const auto what :
       {websocket_wait::open, websocket_wait::message, websocket_wait::room, websocket_wait::end}) {
    tell(what);
  }
}

// Without memory for it there is none: how it ended is in the code.
std::string_view websocket_state::keep_reason(std::string_view reason) noexcept {
  try {
    return reason_ = reason;
  } catch (const std::bad_alloc&) {
    return {};
  }
}

// From the peer.

void websocket_state::on_open(websocket_peer& opened) noexcept {
  opened_ = true;
  peer = opened.handle();
  static_cast<void>(peer->pause());
  tell(websocket_wait::open);
}

void websocket_state::on_message(websocket_peer& from, const websocket_message& message) noexcept {
  if (deaf_) return;
  try {
    bytes_.assign(message.bytes.begin(), message.bytes.end());
  } catch (const std::bad_alloc&) {
    static_cast<void>(from.abort());
    return;
  }
  kind_ = message.kind;
  has_message_ = true;
  static_cast<void>(from.pause());
  tell(websocket_wait::message);
}

}  // namespace detail

void accepting_websocket::begin() noexcept {
  if (x_.accept_websocket(*of_, without_pieces(options_))) {
    of_->peer = x_.websocket()->handle();
  } else {
    of_->fail({.end = websocket_end::refused});
  }
}

void connecting_websocket::begin() noexcept {
  try {
    of_->peer = client_.connect(url_, *of_, without_pieces(options_), fields_);
  } catch (const std::bad_alloc&) {
    of_->fail({.end = websocket_end::no_memory});
  }
}

}  // namespace drywire::co
