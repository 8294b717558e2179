// What both roles of HTTP/1.1 share of an exchange: the events and the wishes that mean the same to
// a server and to a client, and how bodies are handed over.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/protocol/http1.hpp>
#include <drywire/protocol/output_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace drywire::http1 {

// Events.

/// A piece of the message's body, never empty. To a server, asking for the next event after
/// `request` asks for the body: it sends a 100 (Continue) that the peer waits for, unless the body
/// is held.
struct body {
  const_bytes bytes;  ///< points into the lent input: valid until next(), or until that dies
};

/// The fields behind a chunked body, without those that may not stand there, RFC 9110 6.5.1.
/// Comes only if there is at least one.
struct trailers {
  std::span<const field> fields;  ///< valid as long as the head
};

/// All exchanges up to this one are over, and what was sent in them has left to the last byte:
/// their stable bytes and their sources are free.
struct exchange_over {
  std::uint64_t exchange;
};

/// After an answer would_exceed: some output has left since, and what is queued isn't over
/// limits::output_low_bytes.
struct output_low {};

/// The peer broke a rule, or let time run out. Always the last event. A server's reply, where
/// status_of() names one, is queued; the connection drains and closes.
struct peer_error {
  fault what;
};

/// The transport died under an exchange or under unwritten output. Always the last event.
struct transport_failed {};

// Bodies that are sent.

/// How long bytes that are given to a message live; stable ones until the event exchange_over of
/// this exchange, or else as long as the machine.
using drywire::lifetime;

/// A body that is made while it is sent, so that a large one needs constant memory.
class body_source {
 public:
  enum class state : std::uint8_t {
    more,    ///< ask again
    later,   ///< nothing now: ask at the next drain, which its owner has to cause
    end,     ///< these were the last bytes
    failed,  ///< can't go on: the connection is reset, so that the body doesn't look complete
  };
  struct result {
    std::size_t size;  ///< bytes written to `to`
    state then;
  };

  /// Writes the next bytes of the body to `to`, which isn't empty. Called from output().
  virtual result pull(mutable_bytes to) noexcept = 0;

 protected:
  body_source() = default;
  body_source(const body_source&) = default;
  body_source& operator=(const body_source&) = default;
  ~body_source() = default;
};

// Wishes as data; the machines' members of the same name say what they do. Views live for the call.

namespace wish {

struct send {
  const_bytes bytes = {};
  lifetime bytes_lifetime = lifetime::copied;
};
struct pull_from {
  body_source* source = nullptr;
};
struct finish {
  field_list trailers = {};
};
struct raise_body_limit {
  std::uint64_t bytes = 0;
};
struct hold_body {};
struct resume_body {};
struct discard_body {};
struct shut_down {};
struct abort {};

}  // namespace wish

}  // namespace drywire::http1
