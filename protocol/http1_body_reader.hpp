// Bodies as they come, RFC 9112 6.3: by length, in chunks, or until the connection ends; within a
// limit. The same for both roles: when to read, and what to make of it, is for their connections.
#pragma once

#include "http1_reader.hpp"

#include <drywire/base/bytes.hpp>
#include <drywire/protocol/http1.hpp>

#include <cstddef>
#include <cstdint>

namespace drywire::http1 {

class body_reader {
 public:
  enum class step : std::uint8_t {
    starved,    ///< all of the input was taken, and more is needed
    piece,      ///< a part of the body
    trailers,   ///< the body is complete, and trailers() of the message aren't empty
    end,        ///< it is complete, and they are
    too_large,  ///< it is over the limit
    failed,     ///< error() of the message says why
  };

  /// The body of a message whose head says `how`, and `length` if it has one.
  void begin(framing how, std::uint64_t length, std::uint64_t limit) noexcept {
    *this = {};
    how_ = how;
    announced_ = left_ = how == framing::length ? length : 0;
    limit_ = limit;
  }

  /// Reads on from `in`, shortened by what was taken. `piece` points into it.
  step read(message_reader& message, const_bytes& in, const_bytes& piece) noexcept;

  /// The connection has ended in order. True: so has the body, which had no other end.
  bool end_with_connection() noexcept {
    if (how_ != framing::close) return false;
    how_ = framing::none;
    return true;
  }

  void limit(std::uint64_t bytes) noexcept { limit_ = bytes; }
  void hold(bool held) noexcept { held_ = held; }
  void discard() noexcept { discarded_ = true; }
  /// ... and no more of it than so many bytes, of which the head hasn't spoken.
  void discard_up_to(std::uint64_t bytes) noexcept {
    discarded_ = true;
    limit_ = how_ == framing::length ? announced_ : announced_ + bytes;
  }

  [[nodiscard]] bool complete() const noexcept { return how_ == framing::none; }
  /// Nobody wants more of it now.
  [[nodiscard]] bool held() const noexcept { return held_ && !discarded_; }
  /// Nobody wants it at all.
  [[nodiscard]] bool discarded() const noexcept { return discarded_; }
  /// What is known to come, or has come, is over the limit.
  [[nodiscard]] bool exceeds() const noexcept { return announced_ > limit_; }
  /// It is certain to end within so many bytes, or it is chunked and may.
  [[nodiscard]] bool may_end_within(std::uint64_t bytes) const noexcept {
    return how_ == framing::chunked || left_ <= bytes;
  }

 private:
  step read_length(const_bytes& in, const_bytes& piece) noexcept;
  step read_chunked(message_reader& message, const_bytes& in, const_bytes& piece) noexcept;
  step read_to_end(const_bytes& in, const_bytes& piece) noexcept;

  std::uint64_t announced_ = 0;  // by the length, or by chunks so far; else what has come
  std::uint64_t left_ = 0;       // of a length
  std::uint64_t limit_ = 0;
  framing how_ = framing::none;  // none: it is complete
  bool held_ = false;
  bool discarded_ = false;
};

}  // namespace drywire::http1
