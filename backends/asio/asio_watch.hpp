// Waits for one descriptor by Asio's reactor. Only the readiness is Asio's: data goes by the calls
// of drywire/loop/socket.hpp, so that no bytes of one stream lie in a block while others run.
#pragma once

#include "asio_include.hpp"
#include "asio_turner.hpp"
#include "operation_slot.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <memory>
#include <utility>

namespace drywire {

/// Counts who needs it: its target, and each wait that is under way. Asio calls the handler of a
/// cancelled wait later, when the stream, or the whole backend, may be gone.
class asio_watch final : public socket_watch {
 public:
  asio_watch(net::io_context& context, std::shared_ptr<asio_turner> turner, watched_socket& target)
      : descriptor_(context),
        work_(context.get_executor()),
        turner_(std::move(turner)),
        target_(&target) {
    turner_->begin();
  }

  /// Owns `fd` if there is no error.
  [[nodiscard]] error assign(int fd) noexcept;

  void await_readable(seen) noexcept override;
  void await_writable() noexcept override;
  void close() noexcept override;
  void release() noexcept override;

 private:
  enum class direction { read, write };

  class waiting {
   public:
    using allocator_type = slot_allocator<void>;

    waiting(asio_watch& watch, direction d) noexcept : watch_(&watch), direction_(d) {
      ++watch.users_;
    }
    waiting(waiting&& other) noexcept
        : watch_(std::exchange(other.watch_, nullptr)), direction_(other.direction_) {}
    waiting& operator=(waiting&&) = delete;
    ~waiting() {
      if (watch_ != nullptr) watch_->unuse();
    }

    [[nodiscard]] allocator_type get_allocator() const noexcept {
      return allocator_type(direction_ == direction::read ? watch_->reading_ : watch_->writing_);
    }
    void operator()(const net_error&) const noexcept { watch_->ready(direction_); }

   private:
    asio_watch* watch_;
    direction direction_;
  };

  ~asio_watch() { turner_->end(); }
  void ready(direction) noexcept;
  void retire() noexcept;
  void unuse() noexcept;

  net::posix::basic_stream_descriptor<net::io_context::executor_type> descriptor_;
  // A stream that is open but waits for nothing, because it is paused, keeps the loop running too.
  net::executor_work_guard<net::io_context::executor_type> work_;
  std::shared_ptr<asio_turner> turner_;
  watched_socket* target_;  // null once closed
  unsigned users_ = 1;
  operation_slot reading_;
  operation_slot writing_;
};

}  // namespace drywire
