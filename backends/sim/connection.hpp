// A TCP connection, both its ends: what their systems know of it, and the packets between them.
//
// A byte is stored once, from send() to receive(): each direction is a queue with marks in it.
//
//   received  <=  arrived  <=  sent  <=  written      in bytes from the connection's beginning
//                 what the other system has,  what is on its way,  what send() took
//
// The sender's system learns of what arrived, and of room for more, by acknowledgements.
#pragma once

#include "byte_queue.hpp"
#include "event_queue.hpp"
#include "sim_watch.hpp"

#include <drywire/sim/host.hpp>
#include <drywire/sim/trace.hpp>

#include <array>
#include <cstdint>

namespace drywire::sim {

/// Lives while anything holds it: a descriptor, an event, the queue of a listening socket.
class connection {
 public:
  enum side : unsigned { opener = 0, acceptor = 1 };

  /// Sends the first packet, from a port of `from`, which holds it by a descriptor.
  [[nodiscard]] static connection& begin(state& network, host& from, const endpoint& local,
                                         const endpoint& to);

  // What a program does at its end, as the calls of the same name.

  [[nodiscard]] result<std::size_t> receive(unsigned s, mutable_bytes into) noexcept;
  [[nodiscard]] result<std::size_t> send(unsigned s, std::span<const const_bytes> pieces) noexcept;
  [[nodiscard]] error pending_error(unsigned s) noexcept;
  bool shut_down_sending(unsigned s) noexcept;
  [[nodiscard]] std::size_t unacknowledged(unsigned s) const noexcept;
  void reset_on_close(unsigned s) noexcept { ends_[s].resets = true; }
  void close(unsigned s) noexcept;
  [[nodiscard]] endpoint local(unsigned s) const noexcept { return ends_[s].local; }
  /// As the accepting end sees it.
  [[nodiscard]] endpoint peer() const noexcept;
  [[nodiscard]] bool is_readable(unsigned s) const noexcept;
  [[nodiscard]] bool is_writable(unsigned s) const noexcept;
  void set_watch(unsigned s, sim_watch* watch) noexcept { ends_[s].watch = watch; }

  // For the listening socket's host.

  /// The accepting end has a descriptor from here on.
  void accepted() noexcept;
  /// Instead: a reset. Gives up the queue's hold.
  void turn_away() noexcept;

  // For the network.

  void happen(const event& due) noexcept;
  /// After packets to `there` were lost: what it hasn't got is sent again.
  void resume(const host& there) noexcept;
  void hold() noexcept { ++holds_; }
  void unhold() noexcept {
    if (--holds_ == 0) forget();
  }
  void forget() noexcept { delete this; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] connection* next() const noexcept { return next_; }

 private:
  struct direction {
    explicit direction(chunk_pool& pool) noexcept : bytes(pool) {}

    byte_queue bytes;
    std::uint64_t received = 0;
    std::uint64_t arrived = 0;
    std::uint64_t sent = 0;
    std::uint64_t written = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t window_told = 0;  // the byte up to which may be sent, by the receiver
    std::uint64_t window = 0;       // and as the sender knows
    bool fin_written = false;       // the marks again, for the FIN
    bool fin_sent = false;
    bool fin_arrived = false;
    bool fin_acknowledged = false;
    bool lost = false;     // packets, so that the sender will give up
    instant wire_free{0};  // when the last packet has left
    instant last_arrival{0};
  };
  struct end {
    explicit end(chunk_pool& pool) noexcept : out(pool) {}

    host* at = nullptr;
    endpoint local;
    sim_watch* watch = nullptr;
    error pending;
    bool opening = false;
    bool open = false;     // it has a descriptor, or will get one
    bool gone = false;     // its system knows of no connection any more
    bool resets = false;   // close() does
    bool stalled = false;  // by the fault: reads nothing
    direction out;
  };

  connection(state& network, host& from, const endpoint& local, const endpoint& to) noexcept;
  ~connection();

  [[nodiscard]] direction& out(unsigned s) noexcept { return ends_[s].out; }
  [[nodiscard]] direction& in(unsigned s) noexcept { return ends_[1 - s].out; }
  [[nodiscard]] const direction& in(unsigned s) const noexcept { return ends_[1 - s].out; }
  void note(happening what, unsigned s, std::uint64_t value = 0) noexcept;
  void look(unsigned s) noexcept;

  // Packets.
  void transmit(unsigned s, event packet, std::uint64_t size = 0) noexcept;
  void pump(unsigned s) noexcept;
  void acknowledge(unsigned s) noexcept;
  void send_reset(unsigned s) noexcept;
  [[nodiscard]] bool is_lost(const event& packet) const noexcept;
  void lose(const event& packet) noexcept;
  void arrive_syn() noexcept;
  void arrive_syn_answer() noexcept;
  void arrive_segment(unsigned s, const event& packet) noexcept;
  void arrive_acknowledgement(unsigned s, const event& packet) noexcept;
  void arrive_reset(unsigned s) noexcept;
  void connect_again(const event& attempt) noexcept;
  void break_off(unsigned s, error why) noexcept;

  // Faults, in fate.cpp.
  void draw_fate() noexcept;
  [[nodiscard]] duration time_on_the_way() noexcept;
  void meet_fate(const event& due) noexcept;

  state& network_;
  connection* next_;
  connection** previous_next_;
  const std::uint64_t number_;
  std::uint64_t holds_ = 0;
  const endpoint to_;
  duration latency_;
  std::uint64_t bytes_per_second_;
  bool refused_ = false;  // by the fault
  bool cut_ = false;      // all packets are lost
  std::array<end, 2> ends_;
};

}  // namespace drywire::sim
