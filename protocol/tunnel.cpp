#include <drywire/protocol/tunnel.hpp>

#include <algorithm>
#include <utility>

namespace drywire::tunnel {

std::string_view to_string(fault f) noexcept {
  switch (f) {
    case fault::idle_timeout: return "idle timeout";
    case fault::write_timeout: return "write timeout";
    case fault::connection_lost: return "connection lost";
  }
  return "unknown";
}

connection::connection(storage& memory, const limits& l) noexcept : limits_(l), queue_(memory) {}

// Facts.

void connection::advance(now t) noexcept {
  const bool first = !std::exchange(timed_, true);
  now_ = first ? t.steady : std::max(now_, t.steady);
  if (first) {
    if (!over()) be_active();
    watch_output();
  }
  if (now_ < deadline()) return;
  late_ = now_ >= output_deadline_ ? fault::write_timeout : fault::idle_timeout;
  idle_deadline_ = output_deadline_ = instant::never();
}

connection::cursor connection::receive(mutable_bytes in) noexcept { return {*this, in}; }

void connection::receive_eof(bool clean) noexcept {
  // A transport can still fail behind the peer's FIN, but not end well after it failed.
  if (eof_ != eof::broken) eof_ = clean ? eof::clean : eof::broken;
}

// Wishes.

errc connection::send(const_bytes bytes, lifetime bytes_lifetime) noexcept {
  if (over()) return errc::connection_gone;
  if (finished_) return errc::out_of_turn;
  if (bytes.empty()) return errc::ok;
  const std::size_t counted = bytes_lifetime == lifetime::stable ? 0 : bytes.size();
  if (const errc e = admit(counted); e != errc::ok) return e;
  const errc result = queue_.add(bytes, bytes_lifetime);
  watch_output();
  return result;
}

errc connection::admit(std::size_t bytes) noexcept {
  if (bytes > limits_.output_bytes_max) return errc::invalid_argument;
  if (queue_.size() <= limits_.output_bytes_max - bytes) return errc::ok;
  wants_low_ = true;
  some_left_ = false;
  return errc::would_exceed;
}

errc connection::finish() noexcept {
  if (over()) return errc::connection_gone;
  if (finished_) return errc::out_of_turn;
  finished_ = true;
  end_if_both_have();
  watch_output();
  return errc::ok;
}

errc connection::hold() noexcept {
  if (over()) return errc::connection_gone;
  held_ = true;
  return errc::ok;
}

errc connection::resume() noexcept {
  if (over()) return errc::connection_gone;
  if (std::exchange(held_, false)) be_active();
  return errc::ok;
}

errc connection::abort() noexcept {
  if (ending_ == drywire::ending::reset) return errc::connection_gone;
  ending_ = drywire::ending::reset;
  queue_.clear();
  idle_deadline_ = instant::never();
  watch_output();
  return errc::ok;
}

errc connection::apply(const command& wish) noexcept {
  if (const auto* w = std::get_if<tunnel::send>(&wish)) return send(w->bytes, w->bytes_lifetime);
  if (std::holds_alternative<tunnel::finish>(wish)) return finish();
  if (std::holds_alternative<tunnel::hold>(wish)) return hold();
  if (std::holds_alternative<tunnel::resume>(wish)) return resume();
  return abort();
}

// Results.

output_view connection::output(std::size_t n) noexcept {
  output_view view{queue_.output(n)};
  fin_shown_ =
      finished_ && !fin_taken_ && ending_ != drywire::ending::reset && view.size() == queue_.size();
  view.fin = fin_shown_;
  return view;
}

void connection::consume_output(std::size_t n) noexcept {
  n = queue_.consume(n);
  if (std::exchange(fin_shown_, false) && queue_.empty()) fin_taken_ = true;
  if (n > 0) {
    some_left_ = true;
    output_deadline_ = instant::never();
    if (!over()) be_active();
  }
  watch_output();
}

instant connection::deadline() const noexcept {
  return std::min(idles() ? idle_deadline_ : instant::never(), output_deadline_);
}

// Events.

std::optional<event> connection::next(mutable_bytes& rest) noexcept {
  const bool all_said = ended_ && finished_ && queue_.empty();
  if (ending_ == drywire::ending::reset || all_said) {
    rest = {};
    return std::nullopt;
  }
  if (late_) return fail(*late_);
  if (eof_ == eof::broken) return fail(fault::connection_lost);
  if (wants_low_ && some_left_ && queue_.size() <= limits_.output_low_bytes) {
    wants_low_ = false;
    return output_low{};
  }
  if (held_ || ended_) return std::nullopt;
  if (rest.empty()) return read_eof();
  be_active();
  return data{std::exchange(rest, {})};
}

// What receive_eof() told counts behind the last byte.
std::optional<event> connection::read_eof() noexcept {
  if (eof_ != eof::clean) return std::nullopt;
  ended_ = true;
  end_if_both_have();
  return end{};
}

// Bytes that nobody here understands must not look complete when they aren't. A connection that
// nothing moves on any more has said what it had to say.
event connection::fail(fault what) noexcept {
  finished_ = ended_ = true;
  queue_.clear();
  ending_ = what == fault::idle_timeout ? drywire::ending::close : drywire::ending::reset;
  idle_deadline_ = instant::never();
  watch_output();
  return peer_error{what};
}

void connection::end_if_both_have() noexcept {
  if (!ended_ || !finished_) return;
  ending_ = drywire::ending::close;
  idle_deadline_ = instant::never();
}

// Time.

instant connection::after(duration timeout) const noexcept {
  return timed_ ? now_ + timeout : instant::never();
}

// The output's deadline runs while there is something to write, a half-close too, and starts afresh
// with every byte that leaves.
void connection::watch_output() noexcept {
  const bool fin_due = finished_ && !fin_taken_ && ending_ == drywire::ending::open;
  if (queue_.empty() && !fin_due) {
    output_deadline_ = instant::never();
  } else if (output_deadline_ == instant::never()) {
    output_deadline_ = after(limits_.write_timeout);
  }
}

}  // namespace drywire::tunnel
