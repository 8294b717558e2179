#include <drywire/protocol/line.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace drywire::line {

namespace {

// What may stand neither in a line that comes nor in one that leaves.
bool holds_forbidden_byte(const_bytes bytes) noexcept {
  return std::ranges::any_of(
      bytes, [](std::byte b) { return b == std::byte{'\r'} || b == std::byte{'\0'}; });
}

limits within_reason(limits l, const storage& memory) noexcept {
  l.line_bytes_max = std::min({l.line_bytes_max, memory.block_size(), kept_bytes_max - 1});
  return l;
}

}  // namespace

std::string_view to_string(fault f) noexcept {
  switch (f) {
    case fault::line_too_long: return "line too long";
    case fault::forbidden_byte: return "forbidden byte";
    case fault::truncated: return "truncated";
    case fault::idle_timeout: return "idle timeout";
    case fault::connection_lost: return "connection lost";
    case fault::no_memory: return "no memory";
  }
  return "unknown";
}

connection::connection(storage& memory, const limits& l) noexcept
    : memory_(memory), limits_(within_reason(l, memory)), output_(memory) {}

connection::~connection() { drop_partial(); }

// Facts.

void connection::advance(now t) noexcept {
  const bool first = !std::exchange(timed_, true);
  now_ = first ? t.steady : std::max(now_, t.steady);
  if (first && !faulted_ && !ended_) wait_for_line();
  if (now_ < deadline_) return;
  deadline_ = instant::never();
  if (faulted_) {
    ending_ = drywire::ending::close;
  } else {
    late_ = true;
  }
}

cursor connection::receive(mutable_bytes in) noexcept { return {*this, in}; }

void connection::receive_eof(bool clean) noexcept {
  // A transport can still fail behind the peer's FIN, but not end well after it failed.
  if (eof_ != eof::broken) eof_ = clean ? eof::clean : eof::broken;
  if (!faulted_) return;
  deadline_ = instant::never();
  ending_ = eof_ == eof::clean ? drywire::ending::close : drywire::ending::reset;
  if (eof_ == eof::broken) output_.clear();
}

// Wishes.

errc connection::send(const_bytes bytes) noexcept {
  if (faulted_) return errc::connection_gone;
  if (finished_) return errc::out_of_turn;
  const bool two_lines = std::ranges::find(bytes, std::byte{'\n'}) != bytes.end();
  if (two_lines || holds_forbidden_byte(bytes)) return errc::invalid_argument;
  if (output_.size() + bytes.size() >= limits_.output_bytes_max) return errc::would_exceed;
  const output_queue::mark before = output_.here();
  if (output_.copy(bytes) == errc::ok && output_.copy(text_bytes("\n")) == errc::ok) {
    return errc::ok;
  }
  output_.rollback(before);
  return errc::no_memory;
}

errc connection::finish() noexcept {
  if (faulted_) return errc::connection_gone;
  if (finished_) return errc::out_of_turn;
  finished_ = true;
  if (ended_) ending_ = drywire::ending::close;
  return errc::ok;
}

errc connection::apply(const command& wish) noexcept {
  const auto* line = std::get_if<line::send>(&wish);
  return line != nullptr ? send(line->bytes) : finish();
}

// Results.

output_view connection::output(std::size_t n) noexcept {
  output_view view{output_.output(n)};
  fin_shown_ = finished_ && !fin_taken_ && ending_ != drywire::ending::reset &&
               view.size() == output_.size();
  view.fin = fin_shown_;
  return view;
}

void connection::consume_output(std::size_t n) noexcept {
  output_.consume(n);
  if (fin_shown_ && output_.empty()) fin_taken_ = true;
  fin_shown_ = false;
}

errc connection::retain_output() noexcept { return output_.retain(); }

bool connection::wants_input() const noexcept {
  if (eof_ != eof::none) return false;
  return ending_ == drywire::ending::open || ending_ == drywire::ending::draining;
}

// Events.

std::optional<event> connection::next(mutable_bytes& rest) noexcept {
  if (partial_ == 0) drop_partial();
  if (faulted_ || ended_) {
    linger(std::exchange(rest, {}).size());
    return faulted_ ? std::nullopt : read_eof();
  }
  if (late_) return fail(fault::idle_timeout);
  if (rest.empty()) return read_eof();
  return read_line(rest);
}

std::optional<event> connection::read_line(mutable_bytes& rest) noexcept {
  const const_bytes seen = rest.first(std::min(rest.size(), limits_.line_bytes_max + 1 - partial_));
  const auto* lf = static_cast<const std::byte*>(std::memchr(seen.data(), '\n', seen.size()));
  if (lf == nullptr) {
    rest = rest.subspan(seen.size());
    if (partial_ + seen.size() > limits_.line_bytes_max) return fail(fault::line_too_long);
    if (!keep_partial(seen)) return fail(fault::no_memory);
    return read_eof();
  }
  const_bytes line = seen.first(static_cast<std::size_t>(lf - seen.data()));
  rest = rest.subspan(line.size() + 1);
  if (partial_ > 0) {
    keep_partial(line);
    line = block_.first(std::exchange(partial_, 0));
  }
  if (!line.empty() && line.back() == std::byte{'\r'}) line = line.first(line.size() - 1);
  if (holds_forbidden_byte(line)) return fail(fault::forbidden_byte);
  wait_for_line();
  return text{line};
}

// What receive_eof() told counts behind the last byte.
std::optional<event> connection::read_eof() noexcept {
  const bool over = ended_ && finished_ && output_.empty();
  if (eof_ == eof::broken && !over) return fail(fault::connection_lost);
  if (eof_ != eof::clean || ended_) return std::nullopt;
  if (partial_ > 0) return fail(fault::truncated);
  ended_ = true;
  deadline_ = instant::never();
  if (finished_) ending_ = drywire::ending::close;
  return end{};
}

event connection::fail(fault what) noexcept {
  drop_partial();
  faulted_ = finished_ = true;
  deadline_ = instant::never();
  if (eof_ == eof::broken) {
    output_.clear();
    ending_ = drywire::ending::reset;
  } else if (eof_ == eof::clean) {
    ending_ = drywire::ending::close;
  } else {
    ending_ = drywire::ending::draining;
    if (timed_) deadline_ = now_ + limits_.linger_timeout;
  }
  return peer_error{what};
}

bool connection::keep_partial(const_bytes bytes) noexcept {
  if (block_.empty()) block_ = memory_.acquire();
  if (block_.empty()) return false;
  std::memcpy(block_.data() + partial_, bytes.data(), bytes.size());
  partial_ += bytes.size();
  return true;
}

void connection::drop_partial() noexcept {
  partial_ = 0;
  if (!block_.empty()) memory_.release(std::exchange(block_, {}).data());
}

void connection::linger(std::size_t bytes) noexcept {
  lingered_ += bytes;
  if (ending_ != drywire::ending::draining || lingered_ <= limits_.linger_bytes_max) return;
  ending_ = drywire::ending::close;
  deadline_ = instant::never();
}

void connection::wait_for_line() noexcept {
  if (timed_) deadline_ = now_ + limits_.idle_timeout;
}

}  // namespace drywire::line
