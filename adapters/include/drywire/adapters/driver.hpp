// The driver: one protocol on one stream, over any loop. The only place where bytes, time and
// streams meet.
//
//   on data      advance; receive(kept + new); each event to the application; keep the rest; finish
//   on eof       once nothing is kept: receive_eof; drain; finish
//   on timer     advance; drain; finish
//   on a call    of the application, from anywhere: advance first; drain at the end of the turn
//   finish       write and consume the output; retain what is still borrowed before lent bytes die;
//                re-arm the deadline; read only what is wanted; act on fin and ending()
//
// One thread, the loop's.
#pragma once

#include <drywire/adapters/kept_input.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/loop/loop_core.hpp>
#include <drywire/loop/stream.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>

namespace drywire {

template <class A, class P>
concept application = requires(A app, typename P::event& event, error why) {
  { app.on_event(event) } noexcept -> std::same_as<void>;
  // The stream is gone, and `why` is what on_closed gave. The driver may be destroyed from here.
  { app.on_closed(why) } noexcept -> std::same_as<void>;
};

/// Sees what passes, for traces: events before the application does, output once it was accepted
/// by the stream.
template <protocol P>
class driver_observer {
 public:
  virtual void on_event(const typename P::event&) noexcept = 0;
  virtual void on_output(const_bytes written) noexcept = 0;
  virtual void on_fin() noexcept = 0;

 protected:
  ~driver_observer() = default;
};

struct driver_options {
  duration flush_timeout = seconds(30);  ///< for a close: how long accepted bytes may take to leave
  std::optional<std::int64_t> fixed_unix_seconds = {};  ///< the wall clock stands still, for traces
};

/// Lives from a stream's on_accept (or connect) until on_closed: whoever owns it destroys it not
/// before App::on_closed.
/// App is an application<P>; it may own its driver, so that is checked where a driver is made.
template <protocol P, class App>
class driver final : private stream_handler, private timer, private turn_end {
 public:
  /// Makes the machine of `arguments` and takes the stream over. `app` outlives the driver.
  template <class... Arguments>
  driver(loop_core& core, stream& transport, App& app, const driver_options& options,
         Arguments&&... arguments)
      : machine_(std::forward<Arguments>(arguments)...),
        app_(app),
        core_(core),
        stream_(&transport),
        options_(options) {
    static_assert(application<App, P>);
    transport.set_handler(*this);
    machine_.advance(time());
    rearm();
  }
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;
  /// A stream that still lives is aborted.
  ~driver() override {
    if (stream_ == nullptr) return;
    stream_->set_handler(stream::ignoring_handler());
    stream_->abort();
  }

  /// The machine, for a wish: its time is now, and what the wish causes happens at the end of the
  /// present event or turn.
  [[nodiscard]] P& call() noexcept {
    if (!draining_ && !closing_) {
      machine_.advance(time());
      core_.at_turn_end(*this);
    }
    return machine_;
  }
  [[nodiscard]] const P& machine() const noexcept { return machine_; }

  /// Null once it is gone.
  [[nodiscard]] const stream* transport() const noexcept { return stream_; }
  void observe(driver_observer<P>* observer) noexcept { observer_ = observer; }

 private:
  // About what one write gives the stream, and what one drain does before others have their turn.
  static constexpr std::size_t write_bytes = std::size_t{256} * 1024;
  static constexpr std::size_t drain_bytes = std::size_t{1024} * 1024;

  void on_data(stream&, lent_buffer& lent) noexcept override {
    machine_.advance(time());
    mutable_bytes rest = lent.bytes();
    draining_ = true;
    if (!kept_.empty()) static_cast<void>(pull_kept());
    if (kept_.empty() && takes_input()) rest = pull(rest);
    kept_.keep(lent, rest);
    drain();
  }

  void on_eof(stream&) noexcept override {
    eof_ = eof::clean;
    machine_.advance(time());
    drain();
  }

  void on_writable(stream&) noexcept override {
    blocked_ = false;
    machine_.advance(time());
    drain();
  }

  void on_closed(stream&, error why) noexcept override {
    stream_ = nullptr;
    closing_ = true;
    timer::cancel();
    turn_end::cancel();
    machine_.advance(time());
    machine_.receive_eof(false);
    draining_ = true;
    static_cast<void>(pull({}));
    draining_ = false;
    kept_.clear();
    app_.on_closed(why);
  }

  void on_timer() noexcept override {
    machine_.advance(time());
    drain();
  }

  void on_turn_end() noexcept override { drain(); }

  // Events and output in turn, until neither makes the other possible any more.
  void drain() noexcept {
    if (closing_) return;
    draining_ = true;
    std::size_t written_sum = 0;
    bool more = true;
    while (more && written_sum < drain_bytes) {
      more = pull_kept();
      const std::size_t written = write_output();
      written_sum += written;
      more = more || written != 0;
    }
    draining_ = false;
    if (more && takes_input()) core_.at_turn_end(*this);
    finish();
  }

  // Offers what is kept, or an empty span; behind all of it the FIN. True when an event came or a
  // byte was taken.
  bool pull_kept() noexcept {
    if (!takes_input()) {
      static_cast<void>(pull({}));
      return false;
    }
    bool progress = false;
    mutable_bytes rest;
    do {
      const mutable_bytes offered = kept_.front();
      rest = pull(offered);
      progress = progress || pulled_event_ || rest.size() < offered.size();
      kept_.drop(offered.size() - rest.size());
    } while (rest.empty() && !kept_.empty());
    if (!kept_.empty() || eof_ != eof::clean) return progress;
    eof_ = eof::told;
    machine_.receive_eof(true);
    static_cast<void>(pull({}));
    return true;
  }

  // Nothing goes in while nothing gets out: a peer that doesn't read can't make the queue grow.
  [[nodiscard]] bool takes_input() const noexcept { return reads_while_blocked<P> || !blocked_; }

  // Each event that the machine makes of `bytes` to the application; returns what it left.
  mutable_bytes pull(mutable_bytes bytes) noexcept {
    pulled_event_ = false;
    auto cursor = machine_.receive(bytes);
    while (auto event = cursor.next()) {
      pulled_event_ = true;
      if (observer_ != nullptr) observer_->on_event(*event);
      app_.on_event(*event);
    }
    return cursor.remaining();
  }

  // One write, as a rule. Returns the bytes that the stream accepted.
  std::size_t write_output() noexcept {
    if (blocked_) return 0;
    const output_view view = machine_.output(write_bytes);
    if (view.empty()) return 0;
    const std::size_t size = view.size();
    const std::size_t accepted = size == 0 ? 0 : stream_->write(view.pieces);
    if (observer_ != nullptr) tell_observer(view, accepted);
    blocked_ = accepted < size;
    const bool fin = view.fin && !blocked_;
    machine_.consume_output(accepted);
    if (fin) stream_->shutdown_write();
    return accepted;
  }

  void tell_observer(const output_view& view, std::size_t accepted) noexcept {
    std::size_t left = accepted;
    for (const const_bytes piece : view.pieces) {
      const std::size_t n = piece.size() < left ? piece.size() : left;
      if (n != 0) observer_->on_output(piece.first(n));
      left -= n;
    }
    if (view.fin && accepted == view.size()) observer_->on_fin();
  }

  void finish() noexcept {
    // Lent bytes die when the callback returns. Without memory for them the reply is torn.
    const bool torn = machine_.retain_output() != errc::ok;
    kept_.free_dropped();
    switch (torn ? ending::reset : machine_.ending()) {
      case ending::open:
      case ending::draining: break;
      case ending::close:
        // A FIN that is due needs no room: it comes with the close.
        if (!machine_.output(1).pieces.empty()) break;
        closing_ = true;
        timer::cancel();
        stream_->close(options_.flush_timeout);
        return;
      case ending::reset:
        closing_ = true;
        timer::cancel();
        stream_->abort();
        return;
    }
    rearm();
    want_reading();
  }

  void want_reading() noexcept {
    const bool wanted =
        eof_ == eof::none && machine_.wants_input() && kept_.size() < kept_bytes_max;
    if (wanted == reading_) return;
    reading_ = wanted;
    if (wanted) {
      stream_->resume_reading();
    } else {
      stream_->pause_reading();
    }
  }

  // Lazily: a timer that is armed for earlier fires, finds nothing due, and is armed anew.
  void rearm() noexcept {
    const instant deadline = machine_.deadline();
    if (deadline == instant::never()) {
      timer::cancel();
    } else if (!timer::armed() || deadline < timer::deadline()) {
      core_.arm(*this, deadline);
    }
  }

  [[nodiscard]] now time() const noexcept {
    now t = core_.time();
    if (options_.fixed_unix_seconds) t.unix_seconds = *options_.fixed_unix_seconds;
    return t;
  }

  enum class eof : unsigned char { none, clean, told };

  P machine_;
  App& app_;
  loop_core& core_;
  stream* stream_;
  driver_observer<P>* observer_ = nullptr;
  driver_options options_;
  kept_input kept_;
  eof eof_ = eof::none;
  bool draining_ = false;      // within a drain: calls are part of it
  bool closing_ = false;       // the stream was told to close: only on_closed is left
  bool blocked_ = false;       // the stream was full: on_writable follows
  bool reading_ = true;        // not paused by us
  bool pulled_event_ = false;  // the last pull() gave one
};

}  // namespace drywire
