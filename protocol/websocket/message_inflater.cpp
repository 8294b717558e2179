#include "message_inflater.hpp"

#include <array>
#include <cassert>

namespace drywire::websocket {

namespace {

using inflated = deflate::limited_inflater::state;

// What each message's payload ended with before the sender took it away, RFC 7692 7.2.1.
constexpr std::array<std::byte, 4> tail{std::byte{0}, std::byte{0}, std::byte{0xff},
                                        std::byte{0xff}};

deflate::limits limits_of(const limits& l) noexcept {
  return {.output_bytes_max = l.message_bytes_max,
          .ratio_max = l.inflate_ratio_max,
          .ratio_free_bytes = l.ratio_free_bytes};
}

std::optional<fault> fault_of(inflated what) noexcept {
  switch (what) {
    case inflated::corrupt: return fault::invalid_deflate;
    case inflated::size_exceeded: return fault::message_too_big;
    case inflated::ratio_exceeded: return fault::inflate_ratio_exceeded;
    case inflated::no_memory: return fault::no_memory;
    case inflated::more:
    case inflated::full:
    case inflated::end: break;
  }
  return std::nullopt;
}

}  // namespace

message_inflater::message_inflater(storage& memory, int window_bits, bool takeover,
                                   const limits& l) noexcept
    : inflater_(memory, window_bits, limits_of(l)), takeover_(takeover) {}

message_inflater::step message_inflater::inflate(const_bytes payload, bool last,
                                                 mutable_bytes room) noexcept {
  assert(!room.empty());
  const std::size_t offered = payload.size();
  const std::size_t size = room.size();
  inflated what = read(payload, room);
  const bool at_end = last && what == inflated::more;
  // Behind a block that said that it is the last, and without any, there is nothing to complete.
  // RFC 7692 7.2.3.4 and 7.2.3.6 want a byte 00 there, but not every peer sends it.
  if (at_end && (begun_ || tail_taken_ != 0)) what = read_tail(room);
  step done{offered - payload.size(), size - room.size(), state::more, fault_of(what)};
  if (done.wrong) {
    done.what = state::failed;
    release();
  } else if (what == inflated::full) {
    done.what = state::full;
  } else if (at_end) {
    done.what = state::done;
    end_message();
  }
  return done;
}

// Consumes and produces what it can.
message_inflater::inflated message_inflater::read(const_bytes& in, mutable_bytes& room) noexcept {
  while (true) {
    const auto done = inflater_.inflate(in, room);
    in = in.subspan(done.consumed);
    room = room.subspan(done.produced);
    if (done.consumed != 0) begun_ = true;
    if (done.what != inflated::end) return done.what;
    // A block may say that it is the last, and others follow, RFC 7692 7.2.3.4: the next one, in
    // this message or another, refers back as if nothing had been said.
    inflater_.continue_stream();
    begun_ = false;
  }
}

message_inflater::inflated message_inflater::read_tail(mutable_bytes& room) noexcept {
  const_bytes rest = const_bytes(tail).subspan(tail_taken_);
  const inflated what = read(rest, room);
  tail_taken_ = static_cast<std::uint8_t>(tail.size() - rest.size());
  // The tail is the end of a block, unless the block before it wasn't whole.
  return what == inflated::more && !inflater_.between_blocks() ? inflated::corrupt : what;
}

void message_inflater::end_message() noexcept {
  begun_ = false;
  tail_taken_ = 0;
  inflater_.restart_count();
  if (!takeover_) release();
}

}  // namespace drywire::websocket
