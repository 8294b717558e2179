// The time of an endpoint: keep-alive, and how long it waits for what.

#include "endpoint.hpp"

#include <algorithm>
#include <utility>

namespace drywire::websocket {

void endpoint::advance(now t) noexcept {
  const bool first = !std::exchange(timed_, true);
  now_ = first ? t.steady : std::max(now_, t.steady);
  if (first) {
    alive_since_ = message_since_ = now_;
    watch_output();
    watch_close();
  }
  if (now_ < deadline()) return;
  if (now_ >= output_deadline_) {
    output_deadline_ = instant::never();
    over() ? reset() : be_late(fault::write_timeout);
  }
  if (now_ >= close_deadline_) {
    close_deadline_ = instant::never();
    over() ? end(drywire::ending::close) : be_late(fault::close_timeout);
  }
  if (now_ >= message_deadline()) be_late(fault::message_timeout);
  if (now_ >= alive_deadline()) {
    pinging_ == pinging::no ? ping() : be_late(fault::pong_timeout);
  }
}

void endpoint::be_late(fault what) noexcept {
  if (!late_) late_ = what;
}

// Without memory it waits for another turn. One that hasn't left does for another.
void endpoint::ping() noexcept {
  frame_header header;
  header.opcode = opcode::ping;
  alive_since_ = now_;
  if (left_ >= ping_end_) {
    if (writer_.frames().add(header, {}) != errc::ok) return;
    ping_end_ = left_ + queued();
  }
  pinging_ = pinging::queued;
  watch_output();
}

void endpoint::heard() noexcept {
  alive_since_ = now_;
  pinging_ = pinging::no;
}

instant endpoint::deadline() const noexcept {
  return std::min({alive_deadline(), message_deadline(), close_deadline_, output_deadline_});
}

instant endpoint::alive_deadline() const noexcept {
  if (!idles() || pinging_ == pinging::queued) return instant::never();
  return alive_since_ + (pinging_ == pinging::no ? limits_.ping_after : limits_.pong_timeout);
}

instant endpoint::message_deadline() const noexcept {
  return idles() && messages_.open() ? message_since_ + limits_.message_timeout : instant::never();
}

instant endpoint::after(duration timeout) const noexcept {
  return timed_ ? now_ + timeout : instant::never();
}

// The output's deadline runs while there is something to write, a half-close too, and starts afresh
// with every byte that leaves.
void endpoint::watch_output() noexcept {
  if (queued() == 0 && !fin_is_due()) {
    output_deadline_ = instant::never();
  } else if (output_deadline_ == instant::never()) {
    output_deadline_ = after(limits_.write_timeout);
  }
}

// From when our Close has left until the peer's comes, and then until its FIN.
void endpoint::watch_close() noexcept {
  const bool closes = phase_ == phase::closing && left_ >= close_end_;
  const bool drains = ending_ == drywire::ending::draining && queued() == 0 && !fin_is_due();
  if (!closes && !drains) {
    close_deadline_ = instant::never();
  } else if (close_deadline_ == instant::never()) {
    close_deadline_ = after(limits_.close_timeout);
  }
}

}  // namespace drywire::websocket
