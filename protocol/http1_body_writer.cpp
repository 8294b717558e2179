#include "http1_body_writer.hpp"

#include "http1_grammar.hpp"
#include "http1_text_run.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace drywire::http1 {

namespace {

// A pulled chunk: four digits and CRLF before the data; CRLF, and maybe the last chunk, behind it.
constexpr std::size_t chunk_front = 6;
constexpr std::string_view last_chunk = "0\r\n\r\n";
constexpr std::size_t chunk_back = 2 + last_chunk.size();
constexpr std::size_t pull_bytes_min = 256;
constexpr std::size_t pull_bytes_max = 0xffff;

// Puts the frame around a chunk whose data lies behind its front already; the size of it all.
std::size_t frame_chunk(mutable_bytes room, std::size_t data, bool is_last) noexcept {
  char* at = reinterpret_cast<char*>(room.data());
  const auto put = [&at](std::string_view s) {
    std::memcpy(at, s.data(), s.size());
    at += s.size();
  };
  if (data > 0) {
    char digits[5];
    put(grammar::behind(write_number(digits, data | 0x10000U, 16), 1));
    put("\r\n");
    at += data;
    put("\r\n");
  }
  if (is_last) put(last_chunk);
  return static_cast<std::size_t>(at - reinterpret_cast<char*>(room.data()));
}

}  // namespace

errc body_writer::send(const_bytes bytes, lifetime life) noexcept {
  if (state_ != state::body) return errc::out_of_turn;
  if (bytes.empty()) return errc::ok;
  if (framing_ == body_end::none) return errc::invalid_argument;
  if (framing_ == body_end::length && bytes.size() > left_) return errc::invalid_argument;
  if (!silent_) {
    const std::size_t framed = framing_ == body_end::chunks ? 20 : 0;
    const std::size_t counted = framed + (life == lifetime::stable ? 0 : bytes.size());
    if (const errc e = admit(counted); e != errc::ok) return e;
    if (const errc e = queue_piece(bytes, life); e != errc::ok) return e;
  }
  if (framing_ == body_end::length) left_ -= bytes.size();
  return errc::ok;
}

errc body_writer::pull_from(body_source& source) noexcept {
  if (state_ != state::body) return errc::out_of_turn;
  const bool nothing_to_send =
      silent_ || framing_ == body_end::none || (framing_ == body_end::length && left_ == 0);
  source_ = &source;
  state_ = nothing_to_send ? state::complete : state::pulling;
  return errc::ok;
}

errc body_writer::finish(field_list trailers) noexcept {
  if (state_ != state::body) return errc::out_of_turn;
  if (framing_ == body_end::length && !silent_ && left_ > 0) return errc::invalid_argument;
  if (framing_ == body_end::length && !trailers.empty()) return errc::invalid_argument;
  std::size_t bytes = last_chunk.size();
  for (const field& f : trailers) {
    const bool fine = grammar::is_token(f.name) && grammar::is_field_text(f.value) &&
                      !grammar::is_forbidden_trailer(f.name);
    if (!fine) return errc::invalid_argument;
    bytes += f.name.size() + f.value.size() + field_bytes_fixed;
  }
  if (framing_ == body_end::chunks && !silent_) {
    if (bytes > limits_.output_bytes_max) return errc::invalid_argument;
    // The end is let through a full queue: without it nothing gets on.
    text_run out(queue_);
    out.put("0\r\n");
    for (const field& f : trailers) out.put_field(f.name, f.value);
    out.put("\r\n");
    if (const errc e = out.finish(); e != errc::ok) return e;
  }
  state_ = state::complete;
  return errc::ok;
}

bool body_writer::pull(std::size_t target) noexcept {
  while (state_ == state::pulling && queue_.size() < target) {
    const std::optional<body_source::state> then = pull_once();
    // Without memory, what is queued makes room by leaving.
    if (!then) return !queue_.empty();
    switch (*then) {
      case body_source::state::more: break;
      case body_source::state::later: return true;
      case body_source::state::failed: return false;
      case body_source::state::end:
        if (framing_ == body_end::length && left_ > 0) return false;
        state_ = state::complete;
    }
    if (framing_ == body_end::length && left_ == 0) state_ = state::complete;
  }
  return true;
}

// Nothing: no memory.
std::optional<body_source::state> body_writer::pull_once() noexcept {
  using enum body_source::state;
  const bool chunks = framing_ == body_end::chunks;
  const std::size_t front = chunks ? chunk_front : 0;
  const std::size_t back = chunks ? chunk_back : 0;
  const output_queue::mark before = queue_.here();
  const mutable_bytes room = queue_.reserve(front + pull_bytes_min + back);
  if (room.empty()) {
    queue_.rollback(before);
    return std::nullopt;
  }
  std::uint64_t wanted = std::min(room.size() - front - back, pull_bytes_max);
  if (framing_ == body_end::length) wanted = std::min(wanted, left_);
  const mutable_bytes data = room.subspan(front, static_cast<std::size_t>(wanted));
  const body_source::result got = source_->pull(data);
  assert(got.size <= data.size());
  const std::size_t size = chunks ? frame_chunk(room, got.size, got.then == end) : got.size;
  size > 0 ? queue_.commit(size) : queue_.rollback(before);
  if (framing_ == body_end::length) left_ -= got.size;
  return got.size == 0 && got.then == more ? later : got.then;
}

// Whether so many bytes more may be queued. Stable ones aren't counted by the caller, but those
// that are queued already stand in the way of everything.
errc body_writer::admit(std::size_t bytes) const noexcept {
  if (bytes > limits_.output_bytes_max) return errc::invalid_argument;
  const std::size_t queued = std::min<std::size_t>(queue_.size(), limits_.output_bytes_max);
  return queued + bytes > limits_.output_bytes_max ? errc::would_exceed : errc::ok;
}

// A piece with what frames it: chunk = chunk-size CRLF chunk-data CRLF, RFC 9112 7.1.
errc body_writer::queue_piece(const_bytes bytes, lifetime life) noexcept {
  if (framing_ != body_end::chunks) return queue_.add(bytes, life);
  char digits[16];
  text_run out(queue_);
  out.put(write_number(digits, bytes.size(), 16));
  out.put("\r\n");
  out.flush();
  out.note(queue_.add(bytes, life));
  out.put("\r\n");
  return out.finish();
}

}  // namespace drywire::http1
