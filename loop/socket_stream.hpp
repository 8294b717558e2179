// A stream on a non-blocking socket. Where things happen: bytes come in through on_readable(),
// leave through write(), and every end goes through end_with(), once.
//
// write() hands all that it accepts to the system, so nothing is ever queued here. Still an orderly
// end is told only when the peer's system has acknowledged everything: until then it could be lost
// without a word.
#pragma once

#include "endpoint_pair.hpp"
#include "socket_entry.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <cstdint>

namespace drywire {

class socket_stream final : public stream, private socket_entry, private timer {
 public:
  /// A stream that will be connected to `where`, or will tell why it wasn't.
  [[nodiscard]] static stream& connect(socket_backend& loop, const endpoint& where,
                                       stream_handler& handler) noexcept;
  /// An accepted stream, which reads nothing before start(). Null with the reason in `failure` when
  /// it can't be watched.
  [[nodiscard]] static socket_stream* accept(socket_backend& loop, accepted_socket socket,
                                             error& failure) noexcept;
  /// On what `what` says of `fd`, which it owns if it succeeds.
  [[nodiscard]] static result<stream*> adopt(socket_backend& loop, int fd,
                                             const adopted_stream& what,
                                             stream_handler& handler) noexcept;
  /// After on_accept. Aborts a stream that was given no handler.
  void start() noexcept;

  std::size_t write(std::span<const const_bytes> pieces) noexcept override;
  void pause_reading() noexcept override;
  void resume_reading() noexcept override;
  void read_max(std::size_t bytes) noexcept override;
  void shutdown_write() noexcept override;
  void close(duration flush_timeout) noexcept override;
  void abort() noexcept override;
  [[nodiscard]] result<int> release() noexcept override;
  [[nodiscard]] std::size_t queued() const noexcept override { return 0; }
  [[nodiscard]] endpoint local() const noexcept override { return addresses_.local(); }
  [[nodiscard]] endpoint peer() const noexcept override { return addresses_.peer(); }
  [[nodiscard]] int native_handle() const noexcept override { return fd(); }

 private:
  enum class state : std::uint8_t {
    connecting,
    open,
    settling,  // both directions have ended, or close() was called: input is dropped
  };
  enum class delivery { goes_on, drained, stopped };

  socket_stream(socket_backend& loop, const endpoint& peer, stream_handler& handler) noexcept
      : stream(handler), socket_entry(loop), calls_(&sockets()), addresses_({}, peer) {}
  socket_stream(socket_backend& loop, const adopted_stream& what, stream_handler& handler) noexcept;

  void on_readable() noexcept override;
  void on_writable() noexcept override;
  void cancel() noexcept override;
  void tell_end() noexcept override;
  // For what no loop tells of.
  void on_timer() noexcept override { look_again(); }

  [[nodiscard]] delivery deliver_blocks() noexcept;
  [[nodiscard]] delivery deliver(block& lender) noexcept;
  void look_for_reset() noexcept;
  void look_for_readers() noexcept;
  void deliver_eof() noexcept;
  void await_readable(socket_watch::seen what) noexcept;
  void await_writable() noexcept;
  void begin_connect() noexcept;
  void finish_connect() noexcept;
  void tell_writable() noexcept;
  void write_failed(error failure) noexcept;
  void begin_to_settle(instant deadline) noexcept;
  void settle() noexcept;
  void look_later() noexcept;
  void look_again() noexcept;
  void read_to_failure() noexcept;
  void reset_with(error reason) noexcept;
  void end_with(error reason) noexcept;
  [[nodiscard]] bool may_read() const noexcept;

  stream_calls* calls_;
  instant settle_deadline_ = instant::never();
  endpoint_pair addresses_;
  std::uint32_t read_max_ = block_pool::block_size;
  error reason_;         // what on_closed will say
  error write_failure_;  // the end's reason once all that came before it was read
  std::uint8_t look_pause_ms_ = 0;
  state state_ = state::connecting;
  bool started_ : 1 = false;  // reading may begin
  bool tells_of_readers_ : 1 = false;
  bool reads_in_parts_ : 1 = false;
  bool paused_ : 1 = false;
  bool reading_ : 1 = false;  // within on_readable, which goes on by itself
  bool read_ended_ : 1 = false;
  bool write_ended_ : 1 = false;
  bool owes_writable_ : 1 = false;
  bool awaits_readable_ : 1 = false;
  bool awaits_writable_ : 1 = false;
};

}  // namespace drywire
