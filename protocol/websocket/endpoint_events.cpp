// The events of an endpoint: what is made of the bytes that come.

#include "endpoint.hpp"

#include <utility>

namespace drywire::websocket {

std::optional<event> endpoint::next(mutable_bytes& in) noexcept {
  // What the last event pointed to isn't looked at any more.
  room_told_ = false;
  controls_.tidy();
  rest();
  if (over()) {
    codec_.release();
    in = {};
    return std::nullopt;
  }
  const std::size_t before = in.size();
  maybe_event happened = step(in);
  if (in.size() != before) heard();
  return happened;
}

endpoint::maybe_event endpoint::step(mutable_bytes& in) noexcept {
  if (wrong_ && !held_) return fail(*wrong_);
  if (late_) return fail(*late_);
  if (eof_ == eof::broken) return fail(fault::connection_lost);
  if (!send_due_pong()) return fail(fault::no_memory);
  if (wants_low_ && some_left_ && queued() <= limits_.output_low_bytes) {
    wants_low_ = false;
    return output_low{};
  }
  if (wrong_) return std::nullopt;  // it is held: nothing behind the message is looked at
  return read(in);
}

endpoint::maybe_event endpoint::read(mutable_bytes& in) noexcept {
  while (true) {
    if (!frames_.open()) {
      if (in.empty()) return read_eof();
      const frame_rules rules{side_ == role::server, codec_.agreed(), messages_.open()};
      if (const auto wrong = frames_.read_header(in, rules)) return fail(*wrong);
      if (!frames_.open()) return read_eof();
      if (maybe_event e = begin_frame()) return e;
    }
    if (maybe_event e = frames_.header().control() ? read_control(in) : read_data(in)) return e;
    if (frames_.open()) return message_is_due(in) ? std::nullopt : read_eof();
  }
}

// What is held back, or would be.
bool endpoint::message_is_due(mutable_bytes in) const noexcept {
  return held_ && (!in.empty() || inflating_ || frames_.left() == 0);
}

endpoint::maybe_event endpoint::begin_frame() noexcept {
  const frame_header& header = frames_.header();
  if (header.control()) return std::nullopt;
  message_since_ = now_;
  if (const auto wrong = messages_.begin_frame(header, limits_)) return fail(*wrong);
  return std::nullopt;
}

endpoint::maybe_event endpoint::read_data(mutable_bytes& in) noexcept {
  if (held_) return std::nullopt;
  const std::size_t before = in.size();
  maybe_event happened = messages_.compressed() ? read_compressed(in) : read_plain(in);
  if (in.size() != before) message_since_ = now_;
  return happened;
}

endpoint::maybe_event endpoint::read_plain(mutable_bytes& in) noexcept {
  const const_bytes bytes = frames_.look(in);
  frames_.take(in, bytes.size());
  if (frames_.left() > 0) return tell(bytes, false, std::nullopt);
  frames_.close();
  return tell(bytes, frames_.header().fin, std::nullopt);
}

endpoint::maybe_event endpoint::read_compressed(mutable_bytes& in) noexcept {
  while (true) {
    const const_bytes bytes = frames_.look(in);
    const bool last = frames_.header().fin && bytes.size() == frames_.left();
    if (bytes.empty() && !last && !inflating_) {
      if (frames_.left() == 0) frames_.close();
      return std::nullopt;
    }
    message_inflater* const inflater = codec_.inflater(limits_);
    if (inflater == nullptr) return fail(fault::no_memory);
    const auto got = inflater->inflate(bytes, last, codec_.room());
    frames_.take(in, got.consumed);
    inflating_ = got.what == message_inflater::state::full;
    const bool done = got.what == message_inflater::state::done;
    if (done) frames_.close();
    room_told_ = true;
    if (maybe_event e = tell(codec_.room().first(got.produced), done, got.wrong)) return e;
  }
}

// `wrong`: what follows the bytes.
endpoint::maybe_event endpoint::tell(const_bytes bytes, bool last,
                                     std::optional<fault> wrong) noexcept {
  const std::optional<message> piece = messages_.read(bytes, last);
  wrong_ = messages_.wrong() ? fault::invalid_utf8 : wrong;
  if (piece) return *piece;
  if (wrong_) return fail(*wrong_);
  return std::nullopt;
}

// A control frame is told whole. One that lies whole in the input isn't copied.
endpoint::maybe_event endpoint::read_control(mutable_bytes& in) noexcept {
  const const_bytes part = frames_.look(in);
  frames_.take(in, part.size());
  const bool whole = frames_.left() == 0;
  if (whole && controls_.gathered_bytes() == 0) {
    frames_.close();
    return answer(frames_.header().opcode, part);
  }
  if (!controls_.gather(part)) return fail(fault::no_memory);
  if (!whole) return std::nullopt;
  frames_.close();
  return answer(frames_.header().opcode, controls_.take_gathered());
}

endpoint::maybe_event endpoint::answer(opcode what, const_bytes payload) noexcept {
  if (what == opcode::close) return answer_close(payload);
  if (what == opcode::ping) return answer_ping(payload);
  return pong{payload};
}

// RFC 6455 5.5.3: while pongs_queued_max haven't left, only the newest ping is answered.
endpoint::maybe_event endpoint::answer_ping(const_bytes payload) noexcept {
  if (++pings_ > limits_.pings_unanswered_max) return fail(fault::too_many_pings);
  const bool done = pongs_ < pongs_queued_max ? queue_pong(payload) : controls_.remember(payload);
  if (!done) return fail(fault::no_memory);
  return websocket::ping{payload};
}

bool endpoint::send_due_pong() noexcept {
  const auto payload = controls_.remembered();
  if (pongs_ > 0 || !payload) return true;
  if (!queue_pong(*payload)) return false;
  controls_.forget();
  return true;
}

bool endpoint::queue_pong(const_bytes payload) noexcept {
  frame_header header;
  header.opcode = opcode::pong;
  if (writer_.frames().add(header, payload) != errc::ok) return false;
  ++pongs_;
  pong_end_ = left_ + queued();
  watch_output();
  return true;
}

// RFC 6455 5.5.1: a Close is answered by one with the same code.
endpoint::maybe_event endpoint::answer_close(const_bytes payload) noexcept {
  closed told{close_code::no_status, {}};
  if (!payload.empty()) {
    told.code = static_cast<std::uint16_t>(std::to_integer<unsigned>(payload[0]) << 8 |
                                           std::to_integer<unsigned>(payload[1]));
    told.reason = as_text(payload.subspan(2));
    if (!may_be_sent(told.code)) return fail(fault::invalid_close_code);
    if (!is_utf8(payload.subspan(2))) return fail(fault::invalid_utf8);
  }
  if (phase_ == phase::open) say_close(told.code);
  end(eof_ == eof::none ? drywire::ending::draining : drywire::ending::close);
  return told;
}

// What receive_eof() told counts behind the last byte.
endpoint::maybe_event endpoint::read_eof() noexcept {
  if (eof_ == eof::none) return std::nullopt;
  return fail(fault::connection_lost);
}

event endpoint::fail(fault what) noexcept {
  const std::uint16_t code = close_code_of(what);
  if (eof_ == eof::broken || what == fault::write_timeout) {
    reset();
    return peer_error{what};
  }
  if (code != 0 && phase_ == phase::open) say_close(code);
  const bool waits = eof_ == eof::none && what != fault::close_timeout;
  end(waits ? drywire::ending::draining : drywire::ending::close);
  return peer_error{what};
}

// Without memory it stays here, and leaves behind the queue.
void endpoint::say_close(std::uint16_t code) noexcept {
  const std::array<std::byte, 2> payload{static_cast<std::byte>(code >> 8),
                                         static_cast<std::byte>(code & 0xFF)};
  const std::size_t size = code == close_code::no_status ? 0 : payload.size();
  std::array<std::byte, 8> frame;
  frame_header header;
  header.opcode = opcode::close;
  const std::size_t written =
      writer_.frames().write(header, const_bytes(payload).first(size), frame);
  if (queue_.copy(const_bytes(frame).first(written)) == errc::ok) return;
  last_words_ = static_cast<std::uint8_t>(written);
  std::ranges::copy(const_bytes(frame).first(written), close_.end() - last_words_);
}

// Gives back what no message needs.
void endpoint::rest() noexcept {
  const bool reads = messages_.open() && messages_.compressed();
  if (!reads && !room_told_ && !writer_.compresses()) codec_.rest();
}

}  // namespace drywire::websocket
