// A stream on a uv_tcp_t. Where things happen: bytes come in through on_read(), leave through
// write(), and every end goes through end_with(), once.
//
// uv doesn't tell when a socket has room again, only when it has written what it was given. So a
// write() that comes up short also gives it the next few bytes, the bounce chunk, whose writing is
// the sign that there is room. What is sent, shut down and reset goes to the socket itself where
// uv's own calls have a catch: uv_shutdown() on a socket that still connects takes it for
// connected, and uv_tcp_close_reset() refuses one that is being shut down.
#pragma once

#include "uv_entry.hpp"

#include <drywire/loop/socket.hpp>
#include <drywire/loop/stream.hpp>

#include <array>

namespace drywire {

class uv_stream final : public stream, private uv_entry {
 public:
  /// A stream that will be connected to `where`, or will tell why it wasn't.
  [[nodiscard]] static stream& connect(uv_backend& loop, const endpoint& where,
                                       stream_handler& handler) noexcept;
  /// An accepted stream, which reads nothing before start(). Null with the reason in `failure` when
  /// uv can't have it.
  [[nodiscard]] static uv_stream* accept(uv_backend& loop, accepted_socket socket,
                                         error& failure) noexcept;
  /// After on_accept. Aborts a stream that was given no handler.
  void start() noexcept;

  std::size_t write(std::span<const const_bytes> pieces) noexcept override;
  void pause_reading() noexcept override;
  void resume_reading() noexcept override;
  void shutdown_write() noexcept override;
  void close(duration flush_timeout) noexcept override;
  void abort() noexcept override;
  [[nodiscard]] std::size_t queued() const noexcept override;
  [[nodiscard]] endpoint local() const noexcept override { return local_; }
  [[nodiscard]] endpoint peer() const noexcept override { return peer_; }
  [[nodiscard]] int native_handle() const noexcept override { return fd(); }

 private:
  // Small, as each stream has one, and what follows it goes out by the full buffer again.
  static constexpr std::size_t bounce_size = 1024;
  // uv doesn't tell of acknowledgements, nor of a reset behind the peer's FIN. So one looks for
  // them: soon, then ever less often.
  static constexpr duration looks_apart_min = milliseconds(1);
  static constexpr duration looks_apart_max = milliseconds(256);

  struct look_timer final : timer {
    explicit look_timer(uv_stream& s) noexcept : looking(s) {}
    ~look_timer() override { cancel(); }
    void on_timer() noexcept override { looking.look_in_time(); }
    uv_stream& looking;
  };
  struct failed_write final : turn_end {
    explicit failed_write(uv_stream& s) noexcept : failed(s) {}
    ~failed_write() override { cancel(); }
    void on_turn_end() noexcept override { failed.deliver_rest(); }
    uv_stream& failed;
  };
  class unsent;

  uv_stream(uv_backend& loop, const endpoint& peer, stream_handler& handler) noexcept;

  void cancel() noexcept override;
  void tell_end() noexcept override { handler().on_closed(*this, reason_); }
  uv_handle_t& handle() noexcept override;

  void opened() noexcept;
  void on_connected(int status) noexcept;
  void read_as_wanted() noexcept;
  void lend(uv_buf_t& buffer) noexcept;
  void on_read(ssize_t size) noexcept;
  void deliver(block& lender, std::size_t size) noexcept;
  void deliver_end(error failure) noexcept;
  void deliver_rest() noexcept;
  void send_now(unsent& rest) noexcept;
  void bounce(unsent& rest) noexcept;
  void on_written(int status) noexcept;
  void write_failed(error failure) noexcept;
  void tell_writable() noexcept;
  void send_fin() noexcept;
  void settle(error failure) noexcept;
  void look() noexcept;
  void look_again() noexcept;
  void look_in_time() noexcept;
  void drop_input() noexcept;
  void end_by_reset(error reason) noexcept;
  void end_with(error reason) noexcept;
  [[nodiscard]] bool may_read() const noexcept;
  [[nodiscard]] bool may_write() const noexcept;
  [[nodiscard]] int fd() const noexcept;

  uv_tcp_t tcp_{};
  uv_connect_t connecting_{};
  uv_write_t writing_{};
  endpoint local_;
  endpoint peer_;
  error reason_;         // what on_closed will say
  error write_failure_;  // the end's reason once all that came before it was read
  bool is_open_ = false;
  bool started_ = false;  // reading may begin
  bool reading_ = false;  // uv reads
  bool paused_ = false;
  bool closing_ = false;  // close() was called: the peer has not got everything yet
  bool read_ended_ = false;
  bool write_ended_ = false;
  bool owes_writable_ = false;
  bool bouncing_ = false;  // the bounce chunk is uv's
  bool cut_off_ = false;   // there was no connection any more for our FIN
  look_timer looking_{*this};
  instant flush_deadline_ = instant::never();
  duration look_after_ = looks_apart_min;
  failed_write failed_{*this};
  std::array<std::byte, bounce_size> bounce_;  // NOLINT(*-member-init): only what is used
};

}  // namespace drywire
