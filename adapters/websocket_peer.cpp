#include "websocket_frame.hpp"
#include "websocket_part.hpp"

#include <drywire/adapters/websocket_group.hpp>
#include <drywire/adapters/websocket_peer.hpp>

#include <new>
#include <variant>

namespace drywire {

websocket_peer::~websocket_peer() { lose_machine(); }

std::optional<endpoint> websocket_peer::address() const noexcept {
  const stream* const transport = owner_ == nullptr ? nullptr : owner_->transport(connection_);
  return transport == nullptr ? std::nullopt : std::optional(transport->peer());
}

// Wishes.

errc websocket_peer::turn() const noexcept {
  if (state_ == state::over) return errc::connection_gone;
  return state_ == state::opening ? errc::out_of_turn : errc::ok;
}

// Precondition: speaks().
websocket::connection& websocket_peer::call() noexcept {
  owner_->touch(connection_);
  return machine_;
}

errc websocket_peer::send(websocket::kind what, const_bytes bytes) noexcept {
  const errc e = turn();
  return e == errc::ok ? call().send(what, bytes) : e;
}

// What was gathered dies with the callback, and what another peer's input has, with that one's.
errc websocket_peer::send_back(const websocket_message& message) noexcept {
  const errc e = turn();
  if (e != errc::ok) return e;
  const bool lent = telling_ == telling::input;
  return call().send(message.kind, message.bytes, lent ? lifetime::lent : lifetime::copied);
}

errc websocket_peer::start_message(websocket::kind what) noexcept {
  const errc e = turn();
  return e == errc::ok ? call().start_message(what) : e;
}

errc websocket_peer::send_piece(const_bytes bytes) noexcept {
  const errc e = turn();
  return e == errc::ok ? call().send_piece(bytes) : e;
}

errc websocket_peer::finish_message() noexcept {
  const errc e = turn();
  return e == errc::ok ? call().finish_message() : e;
}

errc websocket_peer::send_ping(const_bytes payload) noexcept {
  const errc e = turn();
  return e == errc::ok ? call().send_ping(payload) : e;
}

errc websocket_peer::close(std::uint16_t code, std::string_view reason) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  const errc said = call().close(code, reason);
  if (said != errc::ok && said != errc::out_of_turn) return said;
  if (held_) stop_listening();
  return said;
}

errc websocket_peer::abort() noexcept {
  if (state_ == state::over) return errc::connection_gone;
  aborted_ = true;
  owner_->abort(connection_);
  return errc::ok;
}

errc websocket_peer::abandon(std::uint16_t code) noexcept {
  if (state_ == state::over) return errc::connection_gone;
  handler_ = &deaf_websocket_handler();
  if (!speaks()) return abort();
  say_close(code);
  stop_listening();
  return errc::ok;
}

errc websocket_peer::hold() noexcept {
  if (const errc e = pause(); e != errc::ok) return e;
  held_ = true;
  if (deaf_) stop_listening();
  return errc::ok;
}

errc websocket_peer::pause() noexcept {
  const errc e = turn();
  return e == errc::ok ? call().hold() : e;
}

errc websocket_peer::resume() noexcept {
  const errc e = turn();
  if (e != errc::ok) return e;
  held_ = false;
  return call().resume();
}

// The peer's Close comes behind its messages: somebody has to read them.
void websocket_peer::stop_listening() noexcept {
  deaf_ = true;
  if (telling_ != telling::gathered) forget_gathered();
  static_cast<void>(resume());
}

std::size_t websocket_peer::queued() const noexcept { return has_machine_ ? machine_.queued() : 0; }

// From the connection.

void websocket_peer::belong_to(void* connection, const websocket_owner& owner) noexcept {
  connection_ = connection;
  owner_ = &owner;
}

void websocket_peer::make_machine(const websocket_options& options) noexcept {
  pieces_ = options.pieces;
  shares_deflated_ = deflate_ && deflate_->server_no_context_takeover;
  has_machine_ = true;
  ::new (static_cast<void*>(&machine_)) websocket::connection(
      role_, resources_->blocks, options.limits,
      websocket::tools{.keys = resources_->keys,
                       .deflate = deflate_,
                       .compression = options.compression.value_or(websocket::compression{}),
                       .deflate_memory = &resources_->deflate_blocks});
}

// Who was aborted by on_response waits for the end alone.
void websocket_peer::begin() noexcept {
  if (aborted_) return;
  state_ = state::speaking;
  handler_->on_open(*this);
}

void websocket_peer::take(websocket::event& event) noexcept {
  struct visitor {
    websocket_peer& self;

    void operator()(const websocket::message& e) const noexcept { self.take_message(e); }
    void operator()(const websocket::ping& e) const noexcept {
      self.handler_->on_ping(self, e.payload);
    }
    void operator()(const websocket::pong& e) const noexcept {
      self.handler_->on_pong(self, e.payload);
    }
    void operator()(const websocket::closed& e) const noexcept {
      self.end({.end = websocket_end::closed, .code = e.code, .reason = e.reason});
    }
    void operator()(const websocket::output_low&) const noexcept {
      self.handler_->on_drained(self);
    }
    void operator()(const websocket::peer_error& e) const noexcept {
      self.end({.end = websocket_end::fault, .fault = e.what});
    }
  };
  if (state_ == state::speaking) std::visit(visitor{*this}, event);
}

void websocket_peer::take_message(const websocket::message& piece) noexcept {
  if (deaf_) return;
  if (pieces_) return handler_->on_piece(*this, piece);
  if (piece.first && piece.last) return tell({piece.kind, piece.bytes}, telling::input);
  if (!gather(piece.bytes)) {
    say_close(websocket::close_code::try_again_later);
    return stop_listening();
  }
  if (!piece.last) return;
  tell({piece.kind, gathered_}, telling::gathered);
  forget_gathered();
}

void websocket_peer::tell(const websocket_message& message, telling from) noexcept {
  telling_ = from;
  handler_->on_message(*this, message);
  telling_ = telling::nothing;
}

bool websocket_peer::gather(const_bytes bytes) noexcept {
  if (bytes.size() > resources_->gathered_bytes_max - resources_->gathered_bytes) return false;
  if (gathered_.empty()) gathered_.swap(resources_->spare);
  try {
    gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
  } catch (const std::bad_alloc&) {
    return false;
  }
  resources_->gathered_bytes += bytes.size();
  return true;
}

void websocket_peer::forget_gathered() noexcept {
  resources_->gathered_bytes -= gathered_.size();
  gathered_.clear();
  const std::size_t room = gathered_.capacity();
  if (room > resources_->spare.capacity() && room <= websocket_resources::spare_bytes_max) {
    gathered_.swap(resources_->spare);
  }
  std::vector<std::byte>().swap(gathered_);  // not assigned: that would keep its memory
}

void websocket_peer::leave() noexcept {
  if (speaks()) say_close(websocket::close_code::going_away);
}

// One that is closing already does that in its time. Precondition: speaks().
void websocket_peer::say_close(std::uint16_t code) noexcept {
  const errc e = call().close(code);
  if (e != errc::ok && e != errc::out_of_turn) static_cast<void>(abort());
}

// The last word; the machine may still have some of its own to write.
void websocket_peer::end(const websocket_outcome& how) noexcept {
  if (state_ == state::over) return;
  const websocket_handle alive(*this);
  state_ = state::over;
  websocket_group::leave_all(*this);
  forget_gathered();
  handler_->on_closed(*this, aborted_ ? websocket_outcome{.end = websocket_end::aborted} : how);
  handler_ = nullptr;
}

void websocket_peer::lose_machine() noexcept {
  owner_ = nullptr;
  connection_ = nullptr;
  if (std::exchange(has_machine_, false)) machine_.~connection();
  release_frames(UINT64_MAX);
}

// Shared frames.

errc websocket_peer::send_shared(websocket_frame& frame) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  if (shares_deflated_) frame.compress(resources_->deflate_blocks, deflate_->server_window_bits);
  const websocket::prepared_message& prepared = frame.prepared();
  if (prepared.plain.size() <= websocket_frame::copied_bytes_max) {
    return call().send_prepared(prepared, lifetime::copied);
  }
  auto* const use = new (std::nothrow) websocket_frame_use{&frame, 0, nullptr};
  if (use == nullptr) return errc::no_memory;
  const errc e = call().send_prepared(prepared, lifetime::stable);
  if (e != errc::ok) {
    delete use;
    return e;
  }
  // The output is a queue: when this many bytes have left, those of the frame have.
  use->end = left_ + machine_.queued();
  frame.retain();
  use->next = last_frame_ == nullptr ? use : std::exchange(last_frame_->next, use);
  last_frame_ = use;
  return errc::ok;
}

void websocket_peer::release_frames(std::uint64_t left) noexcept {
  while (last_frame_ != nullptr && last_frame_->next->end <= left) {
    websocket_frame_use* const use = last_frame_->next;
    last_frame_->next = use->next;
    if (use == last_frame_) last_frame_ = nullptr;
    use->frame->release();
    delete use;
  }
}

}  // namespace drywire
