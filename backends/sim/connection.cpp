#include "connection.hpp"

#include "endpoints.hpp"
#include "state.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

namespace drywire::sim {

namespace {

// Room is told once there is enough of it to be worth a turn.
constexpr std::size_t room_worth_part = 3;

constexpr std::size_t fewer_once_in = 3;
constexpr std::size_t would_block_once_in = 8;

}  // namespace

connection& connection::begin(state& network, host& from, const endpoint& local,
                              const endpoint& to) {
  auto& made = *new connection(network, from, local, to);
  made.hold();
  made.note(happening::connects, opener, to.port());
  made.draw_fate();
  made.connect_again({.kind = event::what::connect_again, .side = opener, .of = &made});
  return made;
}

connection::connection(state& network, host& from, const endpoint& local,
                       const endpoint& to) noexcept
    : network_(network),
      next_(network.connections),
      previous_next_(&network.connections),
      number_(++network.connections_begun),
      to_(to),
      latency_(is_loopback(to) ? network.options.loopback_latency : network.options.latency),
      bytes_per_second_(network.options.bytes_per_second),
      ends_{end(network.chunks), end(network.chunks)} {
  if (next_ != nullptr) next_->previous_next_ = &next_;
  network.connections = this;
  ++network.connection_count;
  end& first = ends_[opener];
  first.at = &from;
  first.local = local;
  first.opening = first.open = true;
  for (end& each : ends_) each.out.window = each.out.window_told = network.options.receive_buffer;
}

connection::~connection() {
  *previous_next_ = next_;
  if (next_ != nullptr) next_->previous_next_ = previous_next_;
  --network_.connection_count;
  ends_[opener].at->release_port(ends_[opener].local.port());
}

void connection::note(happening what, unsigned s, std::uint64_t value) noexcept {
  network_.note(what, number_, s, value);
}

void connection::look(unsigned s) noexcept {
  if (ends_[s].watch != nullptr) ends_[s].watch->look();
}

// Receiving.

result<std::size_t> connection::receive(unsigned s, mutable_bytes into) noexcept {
  end& here = ends_[s];
  direction& d = in(s);
  if (here.stalled || network_.strikes(fault::would_block, would_block_once_in)) {
    return error(EAGAIN);
  }
  std::size_t there = static_cast<std::size_t>(d.arrived - d.received);
  if (there == 0) {
    if (d.fin_arrived) return std::size_t{0};
    if (here.pending) return std::exchange(here.pending, error());
    if (here.gone) return std::size_t{0};
    return error(EAGAIN);
  }
  there = std::min(there, into.size());
  if (network_.strikes(fault::short_reads, fewer_once_in)) there = network_.some_of(there);
  d.bytes.take(into.first(there));
  d.received += there;
  note(happening::receives, s, there);
  const std::uint64_t window = d.received + network_.options.receive_buffer;
  const bool was_narrow = window - d.window_told >= network_.options.receive_buffer / 2;
  if (was_narrow && !here.gone) acknowledge(s);
  return there;
}

bool connection::is_readable(unsigned s) const noexcept {
  const end& here = ends_[s];
  if (here.stalled) return false;
  return in(s).arrived != in(s).received || in(s).fin_arrived || here.pending || here.gone;
}

// Sending.

result<std::size_t> connection::send(unsigned s, std::span<const const_bytes> pieces) noexcept {
  end& here = ends_[s];
  direction& d = here.out;
  if (here.pending) return std::exchange(here.pending, error());
  if (here.gone || d.fin_written) return error(EPIPE);
  std::size_t wanted = 0;
  for (const const_bytes piece : pieces) wanted += piece.size();
  if (wanted == 0) return std::size_t{0};
  std::size_t room =
      network_.options.send_buffer - static_cast<std::size_t>(d.written - d.acknowledged);
  if (here.opening || room == 0 || network_.strikes(fault::would_block, would_block_once_in)) {
    return error(EAGAIN);
  }
  room = std::min(room, wanted);
  if (network_.strikes(fault::short_writes, fewer_once_in)) room = network_.some_of(room);
  const std::size_t taken = room;
  for (const const_bytes piece : pieces) {
    const const_bytes part = piece.first(std::min(piece.size(), room));
    d.bytes.append(part);
    network_.events.note_bytes(part);
    room -= part.size();
  }
  d.written += taken;
  note(happening::sends, s, taken);
  pump(s);
  return taken;
}

bool connection::is_writable(unsigned s) const noexcept {
  const end& here = ends_[s];
  if (here.gone || here.pending || here.out.fin_written) return true;
  const std::uint64_t used = here.out.written - here.out.acknowledged;
  const std::size_t worth =
      std::max<std::size_t>(1, network_.options.send_buffer / room_worth_part);
  return !here.opening && network_.options.send_buffer - used >= worth;
}

bool connection::shut_down_sending(unsigned s) noexcept {
  end& here = ends_[s];
  if (here.gone || here.opening) return false;
  if (!std::exchange(here.out.fin_written, true)) {
    note(happening::ends_sending, s, here.out.written);
    pump(s);
  }
  return true;
}

error connection::pending_error(unsigned s) noexcept {
  return std::exchange(ends_[s].pending, error());
}

std::size_t connection::unacknowledged(unsigned s) const noexcept {
  const end& here = ends_[s];
  if (here.gone || here.opening) return 0;
  const bool fin = here.out.fin_written && !here.out.fin_acknowledged;
  return static_cast<std::size_t>(here.out.written - here.out.acknowledged) + (fin ? 1 : 0);
}

// Its end. As on Linux, bytes that nobody will receive any more make it a reset.

void connection::close(unsigned s) noexcept {
  end& here = ends_[s];
  note(happening::closes, s);
  here.watch = nullptr;
  here.open = false;
  if (here.opening) {
    here.opening = false;
    here.gone = true;
  } else if (!here.gone && (here.resets || in(s).arrived != in(s).received)) {
    send_reset(s);
  } else if (!here.gone) {
    shut_down_sending(s);
  }
  unhold();
}

void connection::accepted() noexcept { note(happening::is_accepted, acceptor); }

endpoint connection::peer() const noexcept {
  const endpoint& name = ends_[opener].local;
  return ends_[acceptor].local.is_v6() && !name.is_v6() ? mapped(name) : name;
}

void connection::turn_away() noexcept {
  ends_[acceptor].resets = true;
  close(acceptor);
}

}  // namespace drywire::sim
