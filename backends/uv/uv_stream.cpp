#include "uv_stream.hpp"

#include "uv_handle.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace drywire {

namespace {

// One writev takes so many pieces: enough for any drain of a driver, small enough for the stack.
constexpr std::size_t group_pieces_max = 64;

// Blocks that close() reads and drops. A system that closes with bytes unread sends a RST, which
// can destroy what the peer hasn't read yet; a peer that floods us must not hold us up with it.
constexpr int dropped_blocks_max = 16;

// Blocks that are read behind a failed write: more than any receive buffer holds.
constexpr int rest_blocks_max = 256;

}  // namespace

// What write() was given and has not accepted yet.
class uv_stream::unsent {
 public:
  explicit unsent(std::span<const const_bytes> pieces) noexcept : pieces_(pieces) { skip(0); }

  [[nodiscard]] bool empty() const noexcept { return pieces_.empty(); }

  struct group {
    std::array<uv_buf_t, group_pieces_max> buffers;  // NOLINT(*-member-init): only what is used
    unsigned count = 0;
    std::size_t size = 0;

    // uv doesn't write to the bytes: its buffers serve reading too.
    void add(const_bytes piece) noexcept {
      if (piece.empty()) return;
      auto* bytes = const_cast<std::byte*>(piece.data());  // NOLINT(*-const-cast)
      buffers[count++] = {reinterpret_cast<char*>(bytes), piece.size()};
      size += piece.size();
    }
  };
  [[nodiscard]] group first() const noexcept {
    group made;
    made.add(pieces_.front().subspan(offset_));
    for (const const_bytes piece : pieces_.subspan(1)) {
      if (made.count == group_pieces_max) break;
      made.add(piece);
    }
    return made;
  }

  void skip(std::size_t size) noexcept {
    offset_ += size;
    while (!pieces_.empty() && offset_ >= pieces_.front().size()) {
      offset_ -= pieces_.front().size();
      pieces_ = pieces_.subspan(1);
    }
    taken_ += size;
  }

  /// Copies what fits.
  [[nodiscard]] std::size_t take(mutable_bytes into) noexcept {
    std::size_t copied = 0;
    while (!empty() && copied != into.size()) {
      const const_bytes piece = pieces_.front().subspan(offset_);
      const std::size_t size = std::min(piece.size(), into.size() - copied);
      std::memcpy(into.data() + copied, piece.data(), size);
      copied += size;
      skip(size);
    }
    return copied;
  }

  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }

 private:
  std::span<const const_bytes> pieces_;
  std::size_t offset_ = 0;  // in the first piece; less than its size
  std::size_t taken_ = 0;
};

uv_stream::uv_stream(uv_backend& loop, const endpoint& peer, stream_handler& handler) noexcept
    : stream(handler), uv_entry(loop), peer_(peer) {
  uv_tcp_init(&loop.loop(), &tcp_);  // makes no socket yet, so it can't fail
  tcp_.data = static_cast<uv_entry*>(this);
}

stream& uv_stream::connect(uv_backend& loop, const endpoint& where,
                           stream_handler& handler) noexcept {
  auto& made = *new uv_stream(loop, where, handler);
  uv_tcp_nodelay(&made.tcp_, 1);  // replies are written whole: there is nothing to gather
  const auto* address = static_cast<const sockaddr*>(where.native());
  const auto on_connected = [](uv_connect_t* request, int status) noexcept {
    static_cast<uv_stream&>(owner_of<uv_entry>(request->handle)).on_connected(status);
  };
  const int failed = uv_tcp_connect(&made.connecting_, &made.tcp_, address, on_connected);
  if (failed != 0) made.end_with(uv_error(failed));
  return made;
}

uv_stream* uv_stream::accept(uv_backend& loop, accepted_socket socket, error& failure) noexcept {
  auto* made = new (std::nothrow) uv_stream(loop, socket.peer, ignoring_handler());
  if (made == nullptr) {
    failure = error(ENOMEM);
    return nullptr;
  }
  failure = uv_error(uv_tcp_open(&made->tcp_, socket.fd.get()));
  if (failure) {
    made->discard();
    return nullptr;
  }
  static_cast<void>(socket.fd.release());  // it is uv's now
  made->opened();
  return made;
}

void uv_stream::opened() noexcept {
  is_open_ = true;
  local_ = local_endpoint(fd());
}

// Whoever says goodbye in on_accept needs no handler for that.
void uv_stream::start() noexcept {
  started_ = true;
  if (ended()) return;
  if (!closing_ && &handler() == &ignoring_handler()) return abort();
  read_as_wanted();
}

// Of a stream that has ended uv tells this while it lets go of the handle, perhaps behind the
// backend's own end. So does it of a write.
void uv_stream::on_connected(int status) noexcept {
  if (ended()) return;
  const loop_core::callback_scope scope(core());
  if (status < 0) return end_with(uv_error(status));
  opened();
  started_ = true;
  if (write_ended_) send_fin();
  handler().on_open(*this);
  tell_writable();
  read_as_wanted();
}

// Reading.

bool uv_stream::may_read() const noexcept {
  return started_ && !paused_ && !closing_ && !read_ended_ && !ended();
}

// While it closes, what arrives is dropped.
void uv_stream::read_as_wanted() noexcept {
  const bool wanted = may_read() || (closing_ && !read_ended_ && !ended());
  if (wanted == reading_) return;
  reading_ = wanted;
  if (!wanted) {
    uv_read_stop(as_stream(tcp_));
    return;
  }
  uv_read_start(
      as_stream(tcp_),
      [](uv_handle_t* h, std::size_t, uv_buf_t* buffer) noexcept {
        static_cast<uv_stream&>(owner_of<uv_entry>(h)).lend(*buffer);
      },
      [](uv_stream_t* h, ssize_t size, const uv_buf_t*) noexcept {
        static_cast<uv_stream&>(owner_of<uv_entry>(h)).on_read(size);
      });
}

// uv reads at once and tells in any case, so no two streams need a block at a time.
void uv_stream::lend(uv_buf_t& buffer) noexcept {
  loop().lent() = core().blocks().acquire();
  const mutable_bytes room = loop().lent().memory();
  buffer = {reinterpret_cast<char*>(room.data()), room.size()};
}

// UV_EOF may hide a reset: uv says so at a hang-up behind a short read, without reading again.
void uv_stream::on_read(ssize_t size) noexcept {
  const loop_core::callback_scope scope(core());
  block lender = std::move(loop().lent());
  if (size > 0) return deliver(lender, static_cast<std::size_t>(size));
  if (size == 0) return;  // it was ready, and is no more
  if (size == UV_EOF) return deliver_end(pending_error(fd()));
  if (size == UV_ENOBUFS && !lender) return deliver_end(error(ENOMEM));
  deliver_end(uv_error(static_cast<int>(size)));
}

void uv_stream::deliver(block& lender, std::size_t size) noexcept {
  if (!may_read()) return;
  lent_buffer lent(lender, lender.memory().first(size));
  handler().on_data(*this, lent);
}

// A failed write took the error away, and what reading finds then looks like an orderly end.
void uv_stream::deliver_end(error failure) noexcept {
  reading_ = false;
  if (write_failure_) failure = write_failure_;
  if (failure) return closing_ ? settle(failure) : end_with(failure);
  read_ended_ = true;
  if (!closing_) handler().on_eof(*this);
  if (!ended()) look();
}

void uv_stream::pause_reading() noexcept {
  paused_ = true;
  if (write_failure_ && !ended()) return end_with(write_failure_);
  if (!ended()) read_as_wanted();
}

void uv_stream::resume_reading() noexcept {
  paused_ = false;
  if (!ended()) read_as_wanted();
}

// Writing.

bool uv_stream::may_write() const noexcept { return is_open_ && !write_ended_ && !ended(); }

std::size_t uv_stream::write(std::span<const const_bytes> pieces) noexcept {
  unsent rest(pieces);
  if (ended() || write_ended_ || rest.empty()) return 0;
  if (is_open_ && !bouncing_) send_now(rest);
  if (is_open_ && !bouncing_ && !rest.empty() && !write_ended_) bounce(rest);
  if (!rest.empty() && !write_ended_) owes_writable_ = true;
  return rest.taken();
}

// A full group that went whole is followed by the next, so that short means no room, whatever the
// number of pieces.
void uv_stream::send_now(unsent& rest) noexcept {
  while (!rest.empty()) {
    const unsent::group group = rest.first();
    const int sent = uv_try_write(as_stream(tcp_), group.buffers.data(), group.count);
    if (sent == UV_EAGAIN) return;
    if (sent < 0) return write_failed(uv_error(sent));
    rest.skip(static_cast<std::size_t>(sent));
    if (static_cast<std::size_t>(sent) < group.size) return;
  }
}

void uv_stream::bounce(unsent& rest) noexcept {
  const std::size_t size = rest.take(bounce_);
  const uv_buf_t buffer{reinterpret_cast<char*>(bounce_.data()), size};
  bouncing_ = true;
  const auto on_written = [](uv_write_t* request, int status) noexcept {
    static_cast<uv_stream&>(owner_of<uv_entry>(request->handle)).on_written(status);
  };
  const int failed = uv_write(&writing_, as_stream(tcp_), &buffer, 1, on_written);
  if (failed == 0) return;
  bouncing_ = false;
  write_failed(uv_error(failed));
}

void uv_stream::on_written(int status) noexcept {
  if (ended()) return;
  const loop_core::callback_scope scope(core());
  bouncing_ = false;
  if (status < 0) return write_failed(uv_error(status));
  if (write_ended_) return send_fin();
  tell_writable();
}

// What the peer sent before is still ours to deliver, though not from within write(). A paused
// stream isn't made to read; its handler may be waiting for room that will never come.
void uv_stream::write_failed(error failure) noexcept {
  write_ended_ = true;
  owes_writable_ = false;
  write_failure_ = failure;
  if (!may_read()) return end_with(failure);
  core().defer(failed_);
}

void uv_stream::deliver_rest() noexcept {
  block lender;
  for (int i = 0; i != rest_blocks_max && may_read(); ++i) {
    if (!lender) lender = core().blocks().acquire();
    if (!lender) break;
    const result<std::size_t> got = receive(fd(), lender.memory());
    if (!got || *got == 0) break;
    deliver(lender, *got);
  }
  if (!ended()) end_with(write_failure_);
}

void uv_stream::tell_writable() noexcept {
  if (may_write() && !bouncing_ && std::exchange(owes_writable_, false)) {
    handler().on_writable(*this);
  }
}

// Before the connection is made, and before the bounce chunk is written, it is put off.
void uv_stream::shutdown_write() noexcept {
  if (ended() || std::exchange(write_ended_, true)) return;
  owes_writable_ = false;
  if (is_open_ && !bouncing_) send_fin();
}

void uv_stream::send_fin() noexcept {
  if (!shut_down_sending(fd())) cut_off_ = true;
  look_after_ = looks_apart_min;
  if (read_ended_ || closing_) settle({});
}

std::size_t uv_stream::queued() const noexcept {
  return bouncing_ && !ended() ? tcp_.write_queue_size : 0;
}

// The end.

void uv_stream::close(duration flush_timeout) noexcept {
  if (ended() || closing_) return;
  if (!is_open_ || write_failure_) return end_with(write_failure_);
  closing_ = true;
  owes_writable_ = false;
  flush_deadline_ = core().time().steady + flush_timeout;
  if (!read_ended_) drop_input();
  if (std::exchange(write_ended_, true) || bouncing_) {
    settle({});
  } else {
    send_fin();
  }
  if (!ended()) read_as_wanted();
}

// Both directions have ended, or close() ended them: it is over once the peer's system has
// acknowledged everything, the FIN too. Only then no byte can be lost any more without a word.
void uv_stream::settle(error failure) noexcept {
  if (!bouncing_ && unacknowledged(fd()) == 0) return end_with({});
  if (!failure) failure = pending_error(fd());
  if (!failure && cut_off_) failure = error(ECONNRESET);
  if (failure) return end_with(failure);
  look_again();
}

// A stream that has read all isn't told of a reset either.
void uv_stream::look() noexcept {
  if (write_ended_) return settle({});
  if (const error failure = pending_error(fd())) return end_with(failure);
  look_again();
}

void uv_stream::look_again() noexcept {
  core().arm(looking_, std::min(core().time().steady + look_after_, flush_deadline_));
  look_after_ = std::min(duration(2 * look_after_.nanoseconds), looks_apart_max);
}

void uv_stream::look_in_time() noexcept {
  look();
  if (!ended() && flush_deadline_ <= core().time().steady) end_by_reset(error(ETIMEDOUT));
}

void uv_stream::drop_input() noexcept {
  const block unread = core().blocks().acquire();
  for (int i = 0; unread && i != dropped_blocks_max; ++i) {
    const result<std::size_t> got = receive(fd(), unread.memory());
    if (!got || *got < unread.memory().size()) return;
  }
}

void uv_stream::abort() noexcept {
  if (!ended()) end_by_reset({});
}

void uv_stream::cancel() noexcept {
  if (!ended()) end_by_reset(error(ECANCELED));
}

void uv_stream::end_by_reset(error reason) noexcept {
  if (is_open_) reset_on_close(fd());
  end_with(reason);
}

void uv_stream::end_with(error reason) noexcept {
  reason_ = reason;
  looking_.cancel();
  failed_.cancel();
  end();
}

uv_handle_t& uv_stream::handle() noexcept { return *as_handle(tcp_); }

int uv_stream::fd() const noexcept {
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<const uv_handle_t*>(&tcp_), &fd);
  return fd;
}

}  // namespace drywire
