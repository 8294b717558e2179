// A datagram socket on a non-blocking descriptor.
#pragma once

#include "socket_entry.hpp"

#include <drywire/loop/datagram.hpp>
#include <drywire/loop/socket_backend.hpp>

namespace drywire {

class socket_datagram final : public datagram_socket, private socket_entry {
 public:
  [[nodiscard]] static result<datagram_socket*> make(socket_backend& loop, const endpoint& where,
                                                     datagram_handler& handler,
                                                     const datagram_options& options) noexcept;

  error send_to(std::span<const const_bytes> pieces, const endpoint& to) noexcept override;
  void pause_reading() noexcept override { paused_ = true; }
  void resume_reading() noexcept override;
  void close() noexcept override;
  [[nodiscard]] endpoint local() const noexcept override { return local_; }
  [[nodiscard]] int native_handle() const noexcept override { return fd(); }

 private:
  struct room_timer final : timer {
    explicit room_timer(socket_datagram& s) noexcept : waiting(s) {}
    ~room_timer() override { cancel(); }
    void on_timer() noexcept override { waiting.tell_writable(); }
    socket_datagram& waiting;
  };

  socket_datagram(socket_backend& loop, datagram_handler& handler, std::size_t size_max) noexcept;

  void on_readable() noexcept override;
  void on_writable() noexcept override;
  void cancel() noexcept override;
  void tell_end() noexcept override { handler_.on_closed(*this, reason_); }

  [[nodiscard]] error open(const endpoint& where, const datagram_options& options) noexcept;
  [[nodiscard]] socket_watch::seen deliver_some() noexcept;
  [[nodiscard]] error deliver(block& lender) noexcept;
  [[nodiscard]] socket_watch::seen tell_undelivered() noexcept;
  void await_readable(socket_watch::seen what) noexcept;
  void await_room() noexcept;
  void tell_writable() noexcept;
  void end_with(error reason) noexcept;
  [[nodiscard]] bool may_read() const noexcept { return !paused_ && !ended(); }

  datagram_handler& handler_;
  std::size_t size_max_;
  endpoint local_;
  socket_file file_;
  error reason_;
  room_timer room_timer_{*this};
  duration room_pause_;
  bool paused_ = false;
  bool reading_ = false;  // within on_readable, which goes on by itself
  bool owes_writable_ = false;
  bool awaits_readable_ = false;
  bool awaits_writable_ = false;
};

}  // namespace drywire
