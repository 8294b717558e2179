#include "native_stream.hpp"

#include "native_backend.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace drywire {

namespace {

// What one stream may receive before the others have their turn. Two blocks: enough to drain a
// socket buffer at full speed, and a few dozen microseconds of copying.
constexpr std::size_t read_budget = 2 * block_pool::block_size;

std::size_t size_of(std::span<const const_bytes> pieces) noexcept {
  std::size_t size = 0;
  for (const const_bytes piece : pieces) size += piece.size();
  return size;
}

}  // namespace

void native_stream::connect() noexcept {
  auto begun = connect_socket(peer_);
  if (!begun) return end(begun.error());
  watches_room_ = true;  // the connection is there once there is room to write
  begin(std::move(*begun), interest::both);
}

void native_stream::accept(descriptor fd) noexcept {
  state_ = state::open;
  begin(std::move(fd), interest::readable);
}

void native_stream::begin(descriptor fd, interest wanted) noexcept {
  fd_ = std::move(fd);
  local_ = local_endpoint(fd_.get());
  if (const error failed = owner().selector().add(fd_.get(), name(), wanted)) {
    reset(failed);
  }
}

void native_stream::on_ready(readiness r) noexcept {
  if (state_ == state::ended) return;
  if (r.readable()) readable_ = true;
  if (r.writable()) blocked_ = false;
  if (r.read_closed() || r.error()) read_to_end_ = true;
  if (r.error()) reset_ = true;
  if (state_ != state::connecting) return go_on();
  if (r.writable()) finish_connecting();
}

void native_stream::finish_connecting() noexcept {
  if (const error failed = pending_error(fd_.get())) return end(failed);
  state_ = state::open;
  if (write_ended_) send_fin();
  handler().on_open(*this);
  go_on();
}

// In the order of the contract: what was received, the peer's end, room to write, our own end.
void native_stream::go_on() noexcept {
  read_some();
  if (is_doomed()) end(why());
  if (state_ == state::open && wants_writable_ && !blocked_) tell_writable();
  if (state_ == state::closing || (state_ == state::open && write_ended_ && eof_seen_)) settle();
}

// A stream that doesn't read, or has read all, can't meet the failure by reading. A reset waits for
// resume_reading(), since there may be bytes before it, unless somebody waits to write.
bool native_stream::is_doomed() const noexcept {
  if (state_ != state::open) return false;
  if (failure_) return paused_ || eof_seen_;
  return reset_ && (eof_seen_ || (paused_ && wants_writable_));
}

error native_stream::why() const noexcept {
  if (failure_) return failure_;
  const error pending = pending_error(fd_.get());
  return pending ? pending : error(ECONNRESET);
}

// Reading.

void native_stream::read_some() noexcept {
  std::size_t budget = read_budget;
  while (readable_ && !eof_seen_) {
    const bool dropping = state_ == state::closing;
    if (!dropping && (state_ != state::open || paused_)) return;
    if (budget == 0) return owner().core().defer(*this);
    receive_once(budget);
  }
}

void native_stream::receive_once(std::size_t& budget) noexcept {
  block& lent = owner().lent_block();
  if (!lent) return reset(error(ENOMEM));
  const auto received = receive(fd_.get(), lent.memory());
  if (!received) return receiving_failed(received.error());
  if (*received == 0) return reach_eof();
  if (*received < lent.memory().size() && !read_to_end_) readable_ = false;
  budget -= std::min(budget, *received);
  if (state_ == state::closing) return;
  lent_buffer bytes(lent, lent.memory().first(*received));
  handler().on_data(*this, bytes);
}

void native_stream::receiving_failed(error failed) noexcept {
  readable_ = false;
  if (failure_) return end(failure_);
  if (failed == error(EAGAIN)) return owner().selector().would_block(fd_.get(), interest::readable);
  if (state_ != state::closing) return end(failed);
  failure_ = failed;
  reset_ = true;
}

// A failed write takes a reset's error away, and reading then only finds an end.
void native_stream::reach_eof() noexcept {
  if (failure_) return end(failure_);
  eof_seen_ = true;
  readable_ = false;
  if (state_ == state::open) handler().on_eof(*this);
}

void native_stream::resume_reading() noexcept {
  if (!std::exchange(paused_, false) || !readable_) return;
  if (state_ == state::open) owner().core().defer(*this);
}

// Writing.

std::size_t native_stream::write(std::span<const const_bytes> pieces) noexcept {
  const std::size_t wanted = size_of(pieces);
  if (wanted == 0 || write_ended_ || failure_ || state_ > state::open) return 0;
  if (state_ == state::connecting || blocked_) {
    wants_writable_ = true;
    return 0;
  }
  const auto sent = send(fd_.get(), pieces);
  if (!sent && sent.error() != error(EAGAIN)) {
    writing_failed(sent.error());
    return 0;
  }
  const std::size_t accepted = sent ? *sent : 0;
  if (accepted < wanted) {
    blocked_ = wants_writable_ = true;
    wait_for_room();
  }
  return accepted;
}

// Only streams that once were slower than we ask for it: the others are spared a wake-up.
void native_stream::wait_for_room() noexcept {
  owner().selector().would_block(fd_.get(), interest::writable);
  if (std::exchange(watches_room_, true)) return;
  if (const error failed = owner().selector().modify(fd_.get(), name(), interest::both)) {
    reset(failed);
  }
}

// What was received before is delivered first.
void native_stream::writing_failed(error failed) noexcept {
  failure_ = failed;
  wants_writable_ = false;
  readable_ = read_to_end_ = true;
  owner().core().defer(*this);
}

void native_stream::tell_writable() noexcept {
  wants_writable_ = false;
  handler().on_writable(*this);
}

void native_stream::shutdown_write() noexcept {
  if (state_ > state::open || std::exchange(write_ended_, true)) return;
  wants_writable_ = false;
  if (state_ == state::connecting) return;
  send_fin();
  if (eof_seen_) owner().core().defer(*this);
}

// Without a connection the end has come already.
void native_stream::send_fin() noexcept {
  if (!shut_down_sending(fd_.get())) reset_ = true;
}

// The end.

void native_stream::close(duration flush_timeout) noexcept {
  if (state_ > state::open) return;
  if (failure_) return end(failure_);
  if (state_ == state::connecting) return end({});
  state_ = state::closing;
  wants_writable_ = false;
  if (!std::exchange(write_ended_, true)) send_fin();
  owner().core().arm(*this, owner().core().time().steady + flush_timeout);
  // Not here: what is read and dropped goes into the block that an on_data may be looking at.
  owner().core().defer(*this);
}

// Both directions have ended, or close() ended them: it is over once the peer's system has
// acknowledged everything, the FIN too. Only then no byte can be lost any more without a word.
void native_stream::settle() noexcept {
  if (unacknowledged(fd_.get()) == 0) return end({});
  if (reset_) return end(why());
  if (!eof_seen_) wait_for_room();  // the acknowledgement is told as room to write
}

void native_stream::on_timer() noexcept { reset(error(ETIMEDOUT)); }

// Whoever says goodbye in on_accept needs no handler for that.
void native_stream::abort_if_ignored() noexcept {
  if (state_ == state::open && &handler() == &ignoring_handler()) abort();
}

void native_stream::abort() noexcept {
  if (state_ != state::ended) reset({});
}

void native_stream::reset(error reason) noexcept {
  if (fd_) reset_on_close(fd_.get());
  end(reason);
}

void native_stream::end(error reason) noexcept {
  state_ = state::ended;
  reason_ = reason;
  timer::cancel();
  fd_.close();
  owner().core().defer(*this);
}

void native_stream::on_turn_end() noexcept {
  if (state_ == state::ended) {
    tell_closed();
  } else {
    go_on();
  }
}

void native_stream::tell_closed() noexcept {
  handler().on_closed(*this, reason_);
  delete this;
}

void native_stream::cancel() noexcept {
  if (state_ != state::ended) reset(error(ECANCELED));
  turn_end::cancel();
  tell_closed();
}

}  // namespace drywire
