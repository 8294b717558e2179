#include "message_deflater.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace drywire::websocket {

namespace {

// What is taken from the end of each message, RFC 7692 7.2.1.
constexpr std::size_t tail_bytes = 4;
// What nothing compresses to: an empty block without compression, less the tail. RFC 7692 7.2.3.6.
constexpr std::byte nothing{0};
// The least room that is worth a call of the deflater.
constexpr std::size_t run_bytes_min = 64;

bool first(const frame_header& header) noexcept { return header.opcode != opcode::continuation; }

bool whole(const frame_header& header) noexcept { return first(header) && header.fin; }

}  // namespace

message_deflater::message_deflater(storage& memory, int window_bits, int level,
                                   bool takeover) noexcept
    : deflater_(memory, window_bits, level), takeover_(takeover) {}

message_deflater::outcome message_deflater::send(frame_header header, const_bytes payload,
                                                 output_queue& to) noexcept {
  if (whole(header) && payload.empty()) return outcome::plain;
  const output_queue::mark before = to.here();
  const outcome done = queue(header, payload, to);
  if (done == outcome::queued) {
    to.join(before);
  } else {
    to.rollback(before);
    deflater_.reset();
  }
  const bool message_over = header.fin || (first(header) && done != outcome::queued);
  if (message_over && !takeover_) release();
  return done;
}

message_deflater::outcome message_deflater::queue(frame_header& header, const_bytes payload,
                                                  output_queue& to) noexcept {
  const mutable_bytes gap = to.leave_gap(frame_header_bytes_max);
  if (gap.empty()) return outcome::no_memory;
  header.length = 0;
  const outcome done = payload.empty() ? queue_nothing(header, to) : compress(header, payload, to);
  if (done != outcome::queued) return done;
  if (whole(header) && !takeover_ && header.length >= payload.size()) return outcome::plain;
  header.compressed = first(header);
  std::array<std::byte, frame_header_bytes_max> head;
  to.fill(gap, const_bytes(head).first(write_header(header, head)));
  return outcome::queued;
}

message_deflater::outcome message_deflater::queue_nothing(frame_header& header,
                                                          output_queue& to) noexcept {
  if (!header.fin) return outcome::queued;
  const mutable_bytes run = to.reserve(1);
  if (run.empty()) return outcome::no_memory;
  run.front() = nothing;
  add(header, run.first(1), to);
  return outcome::queued;
}

// The last bytes of each run are held back until it is known whether they are the tail, which may
// lie across the border of two blocks.
message_deflater::outcome message_deflater::compress(frame_header& header, const_bytes payload,
                                                     output_queue& to) noexcept {
  using state = deflate::deflater::state;
  std::array<std::byte, tail_bytes> held;
  std::size_t held_size = 0;
  state what = state::full;
  while (what == state::full) {
    const output_queue::mark before = to.here();
    const mutable_bytes run = to.reserve(run_bytes_min);
    if (run.empty()) return outcome::no_memory;
    std::copy_n(held.begin(), held_size, run.begin());
    const auto done =
        deflater_.deflate(payload, run.subspan(held_size), deflate::deflater::flush::sync);
    what = done.what;
    if (what == state::no_memory) return first(header) ? outcome::plain : outcome::no_memory;
    payload = payload.subspan(done.consumed);
    const std::size_t made = held_size + done.produced;
    held_size = header.fin ? std::min(made, tail_bytes) : 0;
    std::copy_n(run.begin() + static_cast<std::ptrdiff_t>(made - held_size), held_size,
                held.begin());
    if (made == held_size) {
      to.rollback(before);
    } else {
      add(header, run.first(made - held_size), to);
    }
  }
  assert(!header.fin || held_size == tail_bytes);
  return outcome::queued;
}

// Queues a run that was reserved as the next of the frame's payload.
void message_deflater::add(frame_header& header, mutable_bytes run, output_queue& to) noexcept {
  if (header.masked) mask(run, header.key, header.length);
  header.length += run.size();
  to.commit(run.size());
}

}  // namespace drywire::websocket
