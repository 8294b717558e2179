// What an HTTP server counts. Its loop's thread writes, any thread reads: without a lock, and for
// the writer without an atomic read-modify-write.
#pragma once

#include <drywire/protocol/http1.hpp>
#include <drywire/websocket/websocket.hpp>

#include <array>
#include <atomic>
#include <cstdint>

namespace drywire {

/// Only goes up. One thread adds.
class counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  /// Any thread. Values of several counters don't belong to the same instant.
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// Outlives the servers that write to it, of which none runs in another's thread.
struct http_counters {
  counter connections;          ///< accepted
  counter connections_ended;    ///< of these
  counter connections_dropped;  ///< as they came: http_server_options::connections_max, or draining
  counter requests;             ///< whose head was complete and in order
  counter requests_ended;       ///< of these, with their response
  counter requests_cut_off;     ///< of these, whose response didn't leave whole
  /// Responses to those, as they begin, by the first digit of their status; 0 isn't used. What the
  /// machine says to a peer error is no such response.
  std::array<counter, 6> responses;
  counter body_bytes_received;  ///< of requests, as far as they were asked for
  counter bytes_sent;           ///< taken by the system: heads, bodies, all of it
  /// By http1::fault.
  std::array<counter, http1::fault_count> peer_errors;

  counter websockets;                ///< requests that went on as one
  counter websocket_messages;        ///< received, to their end
  counter websocket_bytes_received;  ///< of messages, decompressed
  /// By websocket::fault.
  std::array<counter, websocket::fault_count> websocket_errors;
};

}  // namespace drywire
