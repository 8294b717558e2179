// A stream of the native loop: a non-blocking TCP socket.
//
// Nothing is queued: write() hands to the operating system what that takes, and the rest stays the
// caller's. Readiness is edge-triggered, so what an edge said is remembered (`readable_`,
// `blocked_`) until a call shows otherwise: pausing only stops reading, and resuming needs no new
// edge. Whatever happens only changes these members; go_on() then does what they allow.
#pragma once

#include "native_source.hpp"

#include <drywire/loop/socket.hpp>
#include <drywire/loop/stream.hpp>
#include <drywire/loop/timer.hpp>

namespace drywire {

class native_stream final : public stream, public native_source, private timer, private turn_end {
 public:
  native_stream(native_backend& owner, stream_handler& handler, const endpoint& peer) noexcept
      : stream(handler), native_source(owner), peer_(peer) {}

  /// Either of these begins its life.
  void connect() noexcept;
  void accept(descriptor fd) noexcept;

  /// For an accepted stream that nobody wanted.
  void abort_if_ignored() noexcept;

  [[nodiscard]] std::size_t write(std::span<const const_bytes> pieces) noexcept override;
  void pause_reading() noexcept override { paused_ = true; }
  void resume_reading() noexcept override;
  void shutdown_write() noexcept override;
  void close(duration flush_timeout) noexcept override;
  void abort() noexcept override;
  [[nodiscard]] std::size_t queued() const noexcept override { return 0; }
  [[nodiscard]] endpoint local() const noexcept override { return local_; }
  [[nodiscard]] endpoint peer() const noexcept override { return peer_; }
  [[nodiscard]] int native_handle() const noexcept override { return fd_.get(); }

 private:
  enum class state : std::uint8_t {
    connecting,
    open,
    closing,  // close() was called: the peer has not got everything yet
    ended,    // on_closed follows
  };

  ~native_stream() = default;

  void on_ready(readiness r) noexcept override;
  void cancel() noexcept override;
  void on_timer() noexcept override;
  void on_turn_end() noexcept override;

  void begin(descriptor fd, interest wanted) noexcept;
  void finish_connecting() noexcept;
  void go_on() noexcept;
  void read_some() noexcept;
  void receive_once(std::size_t& budget) noexcept;
  void receiving_failed(error failed) noexcept;
  void reach_eof() noexcept;
  void writing_failed(error failed) noexcept;
  void tell_writable() noexcept;
  void wait_for_room() noexcept;
  void send_fin() noexcept;
  void settle() noexcept;
  void end(error reason) noexcept;
  void reset(error reason) noexcept;
  void tell_closed() noexcept;
  [[nodiscard]] bool is_doomed() const noexcept;
  [[nodiscard]] error why() const noexcept;

  descriptor fd_;
  state state_ = state::connecting;
  bool readable_ = false;        // there may be bytes, or the end
  bool read_to_end_ = false;     // no more edges: a short read isn't the last
  bool paused_ = false;          // by pause_reading()
  bool eof_seen_ = false;        // the peer's FIN
  bool reset_ = false;           // the poll said so; the reason is not known yet
  bool blocked_ = false;         // a write was short, and no edge came since
  bool wants_writable_ = false;  // on_writable is owed
  bool watches_room_ = false;    // the poll tells of room to write, too
  bool write_ended_ = false;     // by shutdown_write() or close()
  error failure_;                // of a write; told once what was received has been read
  error reason_;                 // for on_closed
  endpoint local_;
  endpoint peer_;
};

}  // namespace drywire
