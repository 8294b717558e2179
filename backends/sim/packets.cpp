// The packets of a connection: when they are sent, and what they do where they arrive.
#include "connection.hpp"
#include "endpoints.hpp"
#include "listening.hpp"
#include "state.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace drywire::sim {

namespace {

constexpr std::uint64_t segment_max = 64 * 1024;

// As Linux does by default: six more attempts, and then no longer than two minutes in all; and a
// quarter of an hour for a connection that was open.
constexpr std::array connect_pauses = {seconds(1),  seconds(2),  seconds(4), seconds(8),
                                       seconds(16), seconds(32), seconds(64)};
constexpr duration until_given_up = seconds(15 * 60);

}  // namespace

// In the order they were sent: a packet that is late holds up those behind it.
void connection::transmit(unsigned s, event packet, std::uint64_t size) noexcept {
  direction& d = out(s);
  packet.side = static_cast<std::uint8_t>(s);
  packet.of = this;
  instant sent = std::max(network_.time(), d.wire_free);
  if (bytes_per_second_ != 0 && size != 0) {
    sent = sent + nanoseconds(static_cast<std::int64_t>(size * 1'000'000'000 / bytes_per_second_));
    d.wire_free = sent;
  }
  d.last_arrival = std::max(d.last_arrival, sent + time_on_the_way());
  network_.plan(d.last_arrival, packet);
}

void connection::pump(unsigned s) noexcept {
  direction& d = out(s);
  if (ends_[s].gone || ends_[s].opening) return;
  while (d.sent < std::min(d.written, d.window)) {
    const std::uint64_t size = std::min({segment_max, d.written - d.sent, d.window - d.sent});
    d.sent += size;
    d.fin_sent = d.fin_written && d.sent == d.written;
    transmit(s, {.kind = event::what::segment, .fin = d.fin_sent, .first = d.sent}, size);
  }
  if (d.fin_written && !d.fin_sent && d.sent == d.written) {
    d.fin_sent = true;
    transmit(s, {.kind = event::what::segment, .fin = true, .first = d.sent});
  }
}

void connection::acknowledge(unsigned s) noexcept {
  direction& d = in(s);
  d.window_told = d.received + network_.options.receive_buffer;
  transmit(s, {.kind = event::what::acknowledgement,
               .fin = d.fin_arrived,
               .first = d.arrived,
               .window = d.window_told});
}

void connection::send_reset(unsigned s) noexcept {
  ends_[s].gone = true;
  transmit(s, {.kind = event::what::reset});
}

// Arriving.

void connection::happen(const event& due) noexcept {
  const unsigned to = 1U - due.side;
  switch (due.kind) {
    case event::what::connect_again: return connect_again(due);
    case event::what::give_up: {
      const direction& d = out(due.side);
      if (d.acknowledged == d.written && d.fin_acknowledged == d.fin_written) return;
      return break_off(due.side, error(ETIMEDOUT));
    }
    case event::what::fated_reset:
    case event::what::fated_half_close:
    case event::what::fated_stall:
    case event::what::stall_over:
    case event::what::fated_loss: return meet_fate(due);
    case event::what::deadline: return;
    case event::what::syn:
    case event::what::syn_answer:
    case event::what::segment:
    case event::what::acknowledgement:
    case event::what::reset: break;
  }
  if (is_lost(due)) return lose(due);
  switch (due.kind) {
    case event::what::syn: return arrive_syn();
    case event::what::syn_answer: return arrive_syn_answer();
    case event::what::segment: return arrive_segment(to, due);
    case event::what::acknowledgement: return arrive_acknowledgement(to, due);
    default: return arrive_reset(to);
  }
}

bool connection::is_lost(const event& packet) const noexcept {
  const end& from = ends_[packet.side];
  const end& to = ends_[1U - packet.side];
  return cut_ || (from.at != nullptr && from.at->vanished()) ||
         (to.at != nullptr && to.at->vanished());
}

void connection::lose(const event& packet) noexcept {
  note(happening::loses, packet.side);
  direction& d = out(packet.side);
  if (packet.kind != event::what::segment || d.lost) return;
  d.lost = true;
  network_.plan(network_.time() + until_given_up,
                {.kind = event::what::give_up, .side = packet.side, .of = this});
}

void connection::resume(const host& there) noexcept {
  if (ends_[opener].at != &there && ends_[acceptor].at != &there) return;
  for (unsigned s : {0U, 1U}) {
    direction& d = out(s);
    d.sent = d.acknowledged = d.arrived;
    d.fin_sent = d.fin_acknowledged = d.fin_arrived;
    d.window = d.window_told = d.received + network_.options.receive_buffer;
    d.lost = false;
    pump(s);
    look(s);
  }
}

void connection::connect_again(const event& attempt) noexcept {
  if (!ends_[opener].opening) return;
  if (attempt.first == connect_pauses.size()) return break_off(opener, error(ETIMEDOUT));
  transmit(opener, {.kind = event::what::syn});
  event next = attempt;
  ++next.first;
  network_.plan(network_.time() + connect_pauses[attempt.first], next);
}

// To a full queue, or a host that isn't there, it is as if it were lost.
void connection::arrive_syn() noexcept {
  end& there = ends_[acceptor];
  if (ends_[opener].gone) return;
  if (there.at != nullptr) return transmit(acceptor, {.kind = event::what::syn_answer});
  host* to = is_loopback(to_) ? ends_[opener].at : network_.find_host(to_);
  if (to == nullptr || to->vanished()) return;
  listening* listens = refused_ ? nullptr : to->find_listening(to_);
  if (listens == nullptr) {
    note(happening::is_refused, opener);
    return transmit(acceptor, {.kind = event::what::reset});
  }
  if (listens->is_full()) return;
  there.at = to;
  there.local = listens->local.is_v6() && !to_.is_v6() ? mapped(to_) : to_;
  there.open = true;
  note(happening::is_queued, acceptor);
  transmit(acceptor, {.kind = event::what::syn_answer});
  listens->add(*this);
}

void connection::arrive_syn_answer() noexcept {
  if (!ends_[opener].opening) return;
  ends_[opener].opening = false;
  note(happening::is_open, opener);
  look(opener);
}

// What comes behind a close() is answered by a reset, but for a FIN.
void connection::arrive_segment(unsigned s, const event& packet) noexcept {
  end& here = ends_[s];
  direction& d = in(s);
  if (here.gone) return;
  const bool brings_bytes = packet.first > d.arrived;
  if (!here.open && brings_bytes) return send_reset(s);
  d.arrived = std::max(d.arrived, packet.first);
  d.fin_arrived = d.fin_arrived || packet.fin;
  note(happening::arrives, s, d.arrived + (d.fin_arrived ? 1 : 0));
  acknowledge(s);
  look(s);
}

void connection::arrive_acknowledgement(unsigned s, const event& packet) noexcept {
  direction& d = out(s);
  if (ends_[s].gone) return;
  d.acknowledged = std::max(d.acknowledged, packet.first);
  d.fin_acknowledged = d.fin_acknowledged || packet.fin;
  d.window = std::max(d.window, packet.window);
  d.lost = d.lost && d.acknowledged != d.written;
  note(happening::is_acknowledged, s, packet.first + (packet.fin ? 1 : 0));
  pump(s);
  look(s);
}

void connection::arrive_reset(unsigned s) noexcept {
  const int code = ends_[s].opening ? ECONNREFUSED : in(s).fin_arrived ? EPIPE : ECONNRESET;
  break_off(s, error(code));
}

void connection::break_off(unsigned s, error why) noexcept {
  end& here = ends_[s];
  if (here.gone) return;
  here.gone = true;
  here.opening = false;
  here.pending = why;
  note(why == error(ETIMEDOUT) ? happening::times_out : happening::is_reset, s);
  if (here.watch != nullptr) here.watch->look_at_error();
}

}  // namespace drywire::sim
