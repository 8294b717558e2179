#include "endpoint.hpp"

#include <limits>
#include <utility>

namespace drywire::websocket {

endpoint::endpoint(role side, storage& memory, const limits& l, const tools& t) noexcept
    : limits_(l),
      queue_(memory),
      controls_(memory),
      writer_(queue_, side == role::client ? t.keys : nullptr),
      codec_(side, memory, t),
      side_(side) {}

void endpoint::receive_eof(bool clean) noexcept {
  // A transport can still fail behind the peer's FIN, but not end well after it failed.
  if (eof_ != eof::broken) eof_ = clean ? eof::clean : eof::broken;
  if (!over() || ending_ == drywire::ending::reset) return;
  eof_ == eof::broken ? reset() : end(drywire::ending::close);
}

// Wishes.

errc endpoint::send(kind what, const_bytes bytes, lifetime life) noexcept {
  if (const errc e = turn_of_message(false); e != errc::ok) return e;
  if (const errc e = admit(bytes.size(), life); e != errc::ok) return e;
  life = outliving(bytes, life);
  return after_wish(writer_.send(what, bytes, life, codec_.deflater(bytes.size(), limits_)));
}

errc endpoint::start_message(kind what) noexcept {
  if (const errc e = turn_of_message(false); e != errc::ok) return e;
  // Its frames may be empty ones.
  if (const errc e = admit(0, lifetime::copied); e != errc::ok) return e;
  writer_.start(what);
  return errc::ok;
}

errc endpoint::send_piece(const_bytes bytes, lifetime life) noexcept {
  if (const errc e = turn_of_message(true); e != errc::ok) return e;
  if (bytes.empty()) return errc::ok;
  if (const errc e = admit(bytes.size(), life); e != errc::ok) return e;
  life = outliving(bytes, life);
  return after_wish(writer_.send_piece(bytes, life, deflater_of_pieces()));
}

errc endpoint::finish_message() noexcept {
  if (const errc e = turn_of_message(true); e != errc::ok) return e;
  return after_wish(writer_.finish(deflater_of_pieces()));
}

errc endpoint::send_prepared(const prepared_message& frame, lifetime life) noexcept {
  if (side_ == role::client) return errc::operation_not_supported;
  if (const errc e = turn_of_message(false); e != errc::ok) return e;
  if (frame.plain.empty()) return errc::invalid_argument;
  // What a deflater that remembers doesn't know of, the peer's inflater would.
  const bool deflated = !frame.deflated.empty() && codec_.admits(frame.deflated_window_bits);
  const const_bytes bytes = deflated ? frame.deflated : frame.plain;
  if (const errc e = admit(bytes.size(), life); e != errc::ok) return e;
  return after_wish(queue_.add(bytes, life));
}

errc endpoint::send_control(opcode what, const_bytes payload) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  if (payload.size() > control_bytes_max) return errc::invalid_argument;
  if (const errc e = admit(payload.size(), lifetime::copied); e != errc::ok) return e;
  frame_header header;
  header.opcode = what;
  return after_wish(writer_.frames().add(header, payload));
}

errc endpoint::close(std::uint16_t code, std::string_view reason) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  const bool empty = code == close_code::no_status;
  if (!(empty ? reason.empty() : may_be_sent(code))) return errc::invalid_argument;
  if (reason.size() > control_bytes_max - 2) return errc::invalid_argument;
  if (!is_utf8(text_bytes(reason))) return errc::invalid_argument;
  std::array<std::byte, control_bytes_max> payload;
  payload[0] = static_cast<std::byte>(code >> 8);
  payload[1] = static_cast<std::byte>(code & 0xFF);
  std::ranges::copy(text_bytes(reason), payload.begin() + 2);
  frame_header header;
  header.opcode = opcode::close;
  const std::size_t size = empty ? 0 : 2 + reason.size();
  const errc done = writer_.frames().add(header, const_bytes(payload).first(size));
  if (done != errc::ok) return done;
  phase_ = phase::closing;
  close_end_ = left_ + queued();
  watch_close();
  return after_wish(errc::ok);
}

errc endpoint::hold() noexcept {
  if (over()) return errc::connection_gone;
  held_ = true;
  return errc::ok;
}

errc endpoint::resume() noexcept {
  if (over()) return errc::connection_gone;
  if (std::exchange(held_, false)) alive_since_ = message_since_ = now_;
  return errc::ok;
}

errc endpoint::abort() noexcept {
  if (ending_ == drywire::ending::reset) return errc::connection_gone;
  reset();
  return errc::ok;
}

errc endpoint::turn() const noexcept {
  if (over()) return errc::connection_gone;
  return phase_ == phase::closing ? errc::out_of_turn : errc::ok;
}

errc endpoint::turn_of_message(bool started) const noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  return writer_.open() == started ? errc::ok : errc::out_of_turn;
}

// A client copies stable bytes, too.
errc endpoint::admit(std::size_t bytes, lifetime life) noexcept {
  if (limits_.output_bytes_max == std::numeric_limits<std::uint32_t>::max()) return errc::ok;
  if (life == lifetime::stable && side_ == role::server) bytes = 0;
  if (bytes > limits_.output_bytes_max) return errc::invalid_argument;
  if (queued() <= limits_.output_bytes_max - bytes) return errc::ok;
  wants_low_ = true;
  some_left_ = false;
  return errc::would_exceed;
}

// An event's bytes may be lent on. What was inflated dies too early for that; the payload of a
// control frame is short enough to be copied anyway.
lifetime endpoint::outliving(const_bytes bytes, lifetime life) const noexcept {
  return life == lifetime::lent && codec_.holds(bytes) ? lifetime::copied : life;
}

errc endpoint::after_wish(errc result) noexcept {
  rest();
  watch_output();
  return result;
}

// Nobody knows how long it gets.
message_deflater* endpoint::deflater_of_pieces() noexcept {
  if (!writer_.may_compress()) return nullptr;
  return codec_.deflater(std::numeric_limits<std::size_t>::max(), limits_);
}

// Results.

output_view endpoint::output(std::size_t n) noexcept {
  output_view view{queue_.output(n)};
  if (queue_.empty() && last_words_ > 0 && n > 0) {
    last_shown_ = const_bytes(close_).last(last_words_);
    last_shown_ = last_shown_.first(std::min(n, last_shown_.size()));
    view.pieces = {&last_shown_, 1};
  }
  fin_shown_ = fin_is_due() && view.size() == queued();
  view.fin = fin_shown_;
  return view;
}

void endpoint::consume_output(std::size_t n) noexcept {
  n = std::min(n, queued());  // a reset may have dropped what was shown
  const std::size_t from_queue = queue_.consume(n);
  last_words_ = static_cast<std::uint8_t>(last_words_ - (n - from_queue));
  left_ += n;
  some_left_ = some_left_ || n > 0;
  if (std::exchange(fin_shown_, false) && queued() == 0) fin_taken_ = true;
  if (pinging_ == pinging::queued && left_ >= ping_end_) {
    pinging_ = pinging::left;
    alive_since_ = now_;
  }
  if (pongs_ > 0 && left_ >= pong_end_) {
    pongs_ = 0;
    pings_ = 0;
    static_cast<void>(send_due_pong());  // without memory next() tries again
  }
  if (n > 0) output_deadline_ = instant::never();
  watch_output();
  watch_close();
}

bool endpoint::wants_input() const noexcept {
  if (eof_ != eof::none) return false;
  return ending_ == drywire::ending::open || ending_ == drywire::ending::draining;
}

// RFC 6455 7.1.1: the server closes first, and a client behind it, because whoever closes first is
// left with the connection in TIME_WAIT.
bool endpoint::fin_is_due() const noexcept {
  if (fin_taken_ || !over() || ending_ == drywire::ending::reset) return false;
  return side_ == role::server || ending_ == drywire::ending::close;
}

// Ends.

// From here on input is eaten, and nothing is told.
void endpoint::end(drywire::ending how) noexcept {
  phase_ = phase::over;
  ending_ = how;
  close_deadline_ = instant::never();
  controls_.forget_all();
  if (!room_told_) codec_.release();
  watch_output();
  watch_close();
}

void endpoint::reset() noexcept {
  queue_.clear();
  last_words_ = 0;
  end(drywire::ending::reset);
}

}  // namespace drywire::websocket
