#include "socket_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace drywire {

namespace {

// Full blocks that one stream may deliver before the others get their turn: 256 KiB.
constexpr int blocks_a_turn_max = 4;

// How often a stream that closes may deliver as many: 8 MiB, more than systems keep unread.
constexpr int turns_at_close_max = 32;

// Not every loop is told of an acknowledgement, so it is looked for, first soon, then less and less
// often. Near peers have mostly acknowledged by the first look, which is within close().
constexpr int look_pause_ms_max = 64;

}  // namespace

stream& socket_stream::connect(socket_backend& loop, const endpoint& where,
                               stream_handler& handler) noexcept {
  auto& made = *new socket_stream(loop, where, handler);
  if (loop.detaching()) {
    made.end_with(error(ECANCELED));
  } else {
    made.begin_connect();
  }
  return made;
}

// In the Unix domain a full listener refuses for now, where TCP would wait, and nothing tells of
// room.
void socket_stream::begin_connect() noexcept {
  if (loop().lacks(peer())) return end_with(error(ENOTSUP));
  result<descriptor> begun = sockets().connect(peer());
  if (begun.error() == error(EAGAIN) && peer().is_unix()) return look_later();
  error failure = begun.error();
  if (!failure) failure = start_watch(std::move(*begun));
  if (failure) return end_with(failure);
  await_writable();
}

socket_stream* socket_stream::accept(socket_backend& loop, accepted_socket socket,
                                     error& failure) noexcept {
  auto* made = new (std::nothrow) socket_stream(loop, socket.peer, ignoring_handler());
  if (made == nullptr) {
    failure = error(ENOMEM);
    return nullptr;
  }
  failure = made->start_watch(std::move(socket.fd));
  if (failure) {
    delete made;
    return nullptr;
  }
  made->state_ = state::open;
  made->addresses_.set_local(made->calls_->local(made->fd()));
  return made;
}

socket_stream::socket_stream(socket_backend& loop, const adopted_stream& what,
                             stream_handler& handler) noexcept
    : stream(handler),
      socket_entry(loop),
      calls_(what.calls),
      addresses_(what.local, what.peer),
      state_(state::open),
      started_(true),
      tells_of_readers_(what.tells_of_readers),
      reads_in_parts_(what.reads_in_parts),
      read_ended_(!what.reads),
      write_ended_(!what.writes) {}

result<stream*> socket_stream::adopt(socket_backend& loop, int fd, const adopted_stream& what,
                                     stream_handler& handler) noexcept {
  auto* made = new (std::nothrow) socket_stream(loop, what, handler);
  if (made == nullptr) return error(ENOMEM);
  if (const error failure = made->start_watch(fd)) {
    delete made;
    return failure;
  }
  made->await_readable(socket_watch::seen::may_have_more);
  made->look_for_readers();
  return static_cast<stream*>(made);
}

// One that was closed needs no handler.
void socket_stream::start() noexcept {
  started_ = true;
  if (&handler() == &ignoring_handler() && state_ == state::open) {
    abort();
  } else {
    await_readable(socket_watch::seen::may_have_more);
  }
}

// Reading.

void socket_stream::on_readable() noexcept {
  awaits_readable_ = false;
  if (read_ended_) return look_for_reset();
  if (!may_read()) return;
  reading_ = true;
  const delivery last = deliver_blocks();
  reading_ = false;
  if (last == delivery::stopped) return;
  await_readable(last == delivery::drained ? socket_watch::seen::drained
                                           : socket_watch::seen::may_have_more);
}

socket_stream::delivery socket_stream::deliver_blocks() noexcept {
  block lender;
  delivery last = delivery::goes_on;
  for (int i = 0; i != blocks_a_turn_max && last == delivery::goes_on; ++i) last = deliver(lender);
  return last;
}

// A block that the handler took is replaced.
socket_stream::delivery socket_stream::deliver(block& lender) noexcept {
  if (!lender) lender = core().blocks().acquire();
  if (!lender) {
    end_with(error(ENOMEM));
    return delivery::stopped;
  }
  const mutable_bytes room = lender.memory().first(read_max_);
  const result<std::size_t> got = calls_->receive(fd(), room);
  if (write_failure_ && (!got || *got == 0)) {
    end_with(write_failure_);
    return delivery::stopped;
  }
  if (!got && got.error() == error(EAGAIN)) return delivery::drained;
  if (!got) {
    end_with(got.error());
    return delivery::stopped;
  }
  if (*got == 0) {
    deliver_eof();
    return delivery::stopped;
  }
  if (state_ == state::open) {
    lent_buffer lent(lender, room.first(*got));
    handler().on_data(*this, lent);
  }
  if (!may_read()) return delivery::stopped;
  const bool is_all = *got < room.size() && !reads_in_parts_ && !write_failure_;
  return is_all ? delivery::drained : delivery::goes_on;
}

// Behind the peer's FIN only an error can come.
void socket_stream::look_for_reset() noexcept {
  if (ended() || state_ == state::settling) return;
  if (const error failure = calls_->pending_error(fd())) return end_with(failure);
  look_for_readers();
}

// Nothing ever comes to be read at the writing end of a pipe, but for the news that all readers
// have gone.
void socket_stream::look_for_readers() noexcept {
  if (tells_of_readers_) watch().await_readable(socket_watch::seen::drained);
}

void socket_stream::deliver_eof() noexcept {
  read_ended_ = true;
  if (state_ == state::settling) return settle();
  handler().on_eof(*this);
  if (write_ended_ && state_ == state::open && !ended()) begin_to_settle(instant::never());
}

void socket_stream::pause_reading() noexcept {
  paused_ = true;
  if (write_failure_ && !ended()) end_with(write_failure_);
}

void socket_stream::resume_reading() noexcept {
  if (!paused_) return;
  paused_ = false;
  await_readable(socket_watch::seen::may_have_more);
}

void socket_stream::read_max(std::size_t bytes) noexcept {
  read_max_ = static_cast<std::uint32_t>(std::clamp(bytes, std::size_t{1}, block_pool::block_size));
}

// Nothing is read before on_open or on_accept, nor behind the end. What settles neither waits nor
// pauses: with bytes unread, the system would end it by a RST, which can destroy what the peer
// hasn't read yet.
bool socket_stream::may_read() const noexcept {
  const bool wants_to = state_ == state::settling || (started_ && !paused_);
  return wants_to && !read_ended_ && !ended();
}

void socket_stream::await_readable(socket_watch::seen what) noexcept {
  if (!may_read() || reading_ || awaits_readable_) return;
  awaits_readable_ = true;
  watch().await_readable(what);
}

// Writing.

std::size_t socket_stream::write(std::span<const const_bytes> pieces) noexcept {
  if (ended() || write_ended_) return 0;
  std::size_t wanted = 0;
  for (const const_bytes piece : pieces) wanted += piece.size();
  if (state_ == state::connecting) {
    owes_writable_ = owes_writable_ || wanted != 0;
    return 0;
  }
  const result<std::size_t> sent = calls_->send(fd(), pieces);
  if (!sent && sent.error() != error(EAGAIN)) {
    write_failed(sent.error());
    return 0;
  }
  const std::size_t accepted = sent ? *sent : 0;
  if (accepted < wanted) {
    owes_writable_ = true;
    await_writable();
  }
  return accepted;
}

// What the peer sent before is still ours to deliver, and the system reports the error only once:
// what it says after that would look like an orderly end. A paused stream isn't made to read; its
// handler may be waiting for room that will never come. Nor need anything ever come to be read: it
// is looked for.
void socket_stream::write_failed(error failure) noexcept {
  write_ended_ = true;
  owes_writable_ = false;
  write_failure_ = failure;
  if (started_ && !may_read()) return end_with(failure);
  core().arm(*this, core().time().steady);
}

void socket_stream::await_writable() noexcept {
  if (awaits_writable_) return;
  awaits_writable_ = true;
  watch().await_writable();
}

void socket_stream::on_writable() noexcept {
  awaits_writable_ = false;
  if (ended()) return;
  if (state_ == state::connecting) return finish_connect();
  if (!owes_writable_) return;
  // A connection that broke is ready, too, but has no room.
  if (const error failure = calls_->pending_error(fd())) return write_failed(failure);
  tell_writable();
}

void socket_stream::finish_connect() noexcept {
  if (const error failure = calls_->pending_error(fd())) return end_with(failure);
  state_ = state::open;
  started_ = true;
  addresses_.set_local(calls_->local(fd()));
  if (write_ended_) calls_->shut_down_sending(fd());
  handler().on_open(*this);
  tell_writable();
  await_readable(socket_watch::seen::may_have_more);
}

void socket_stream::tell_writable() noexcept {
  if (ended() || !owes_writable_) return;
  owes_writable_ = false;
  handler().on_writable(*this);
}

// Before the connection is made, finish_connect() does it.
void socket_stream::shutdown_write() noexcept {
  if (ended() || write_ended_) return;
  write_ended_ = true;
  owes_writable_ = false;
  if (state_ == state::open) calls_->shut_down_sending(fd());
  if (read_ended_) begin_to_settle(instant::never());
}

// The end.

void socket_stream::close(duration flush_timeout) noexcept {
  if (ended() || settle_deadline_ != instant::never()) return;
  if (write_failure_ || state_ == state::connecting) return end_with(write_failure_);
  if (!write_ended_) calls_->shut_down_sending(fd());
  write_ended_ = true;
  begin_to_settle(core().time().steady + flush_timeout);
}

void socket_stream::begin_to_settle(instant deadline) noexcept {
  state_ = state::settling;
  owes_writable_ = false;
  settle_deadline_ = deadline;
  look_pause_ms_ = 0;
  read_max_ = block_pool::block_size;
  for (int i = 0; i != turns_at_close_max && may_read(); ++i) {
    if (deliver_blocks() == delivery::drained) break;
  }
  if (!ended()) settle();
  await_readable(socket_watch::seen::may_have_more);
}

// A connection that broke has nothing left to be acknowledged either, so that is asked first.
void socket_stream::settle() noexcept {
  if (const error failure = calls_->pending_error(fd())) return end_with(failure);
  if (calls_->unacknowledged(fd()) == 0) return end_with({});
  if (core().time().steady >= settle_deadline_) return reset_with(error(ETIMEDOUT));
  look_later();
}

void socket_stream::look_later() noexcept {
  const int pause_ms = std::clamp(look_pause_ms_ * 2, 1, look_pause_ms_max);
  look_pause_ms_ = static_cast<std::uint8_t>(pause_ms);
  core().arm(*this, std::min(settle_deadline_, core().time().steady + milliseconds(pause_ms)));
}

void socket_stream::look_again() noexcept {
  switch (state_) {
    case state::connecting: return begin_connect();
    case state::open: return read_to_failure();
    case state::settling: return settle();
  }
}

void socket_stream::read_to_failure() noexcept {
  if (!may_read()) return end_with(write_failure_);
  if (deliver_blocks() == delivery::goes_on) core().arm(*this, core().time().steady);
}

void socket_stream::abort() noexcept {
  if (!ended()) reset_with({});
}

result<int> socket_stream::release() noexcept {
  if (!has(loop().capabilities(), capability::adopt)) return error(ENOTSUP);
  if (write_failure_) return write_failure_;
  if (ended() || state_ != state::open) return error(ENOTCONN);
  timer::cancel();
  return end_released();
}

void socket_stream::cancel() noexcept {
  if (!ended()) reset_with(error(ECANCELED));
}

void socket_stream::reset_with(error reason) noexcept {
  if (fd() >= 0) calls_->reset_on_close(fd());
  end_with(reason);
}

void socket_stream::end_with(error reason) noexcept {
  timer::cancel();
  reason_ = reason;
  end();
}

void socket_stream::tell_end() noexcept { handler().on_closed(*this, reason_); }

}  // namespace drywire
