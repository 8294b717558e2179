// Bodies into the output queue: by length, in chunks, or until the connection ends; with trailers.
//
// What responses and requests have in common. One message at a time: its head is the business of
// response_writer and request_writer, which also say when a body begins. Every member that answers
// an errc is a transaction: anything but ok leaves the queue and the state as they were.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/protocol/http1.hpp>
#include <drywire/protocol/http1_exchange.hpp>
#include <drywire/protocol/output_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace drywire::http1 {

class body_writer {
 public:
  enum class state : std::uint8_t {
    closed,    ///< no message
    open,      ///< the final response hasn't begun
    body,      ///< its head is queued, the body comes by send()
    pulling,   ///< ... or from a source
    complete,  ///< nothing more to come
  };

  body_writer(const body_writer&) = delete;
  body_writer& operator=(const body_writer&) = delete;

  errc send(const_bytes bytes, lifetime life) noexcept;
  errc pull_from(body_source& source) noexcept;
  errc finish(field_list trailers) noexcept;

  /// Asks the source for more until `target` bytes are queued. False: the message can't be
  /// completed.
  [[nodiscard]] bool pull(std::size_t target) noexcept;

  [[nodiscard]] state now() const noexcept { return state_; }
  /// The end of the connection is the only end of the body that is being sent.
  [[nodiscard]] bool ends_by_close() const noexcept { return framing_ == body_end::close; }

 protected:
  enum class body_end : std::uint8_t { none, length, chunks, close };

  /// Both outlive the writer.
  body_writer(output_queue& queue, const limits& limits) noexcept
      : queue_(queue), limits_(limits) {}
  ~body_writer() = default;

  errc admit(std::size_t bytes) const noexcept;

  output_queue& queue_;
  const limits& limits_;
  body_source* source_ = nullptr;
  std::uint64_t left_ = 0;  // of a body with a length
  state state_ = state::closed;
  body_end framing_ = body_end::none;
  bool silent_ = false;  // the body isn't sent: to HEAD

 private:
  errc queue_piece(const_bytes bytes, lifetime life) noexcept;
  std::optional<body_source::state> pull_once() noexcept;
};

}  // namespace drywire::http1
