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
// An application may also pull: it is given one event when it wants one, and what that points into
// lives until it wants the next. Bytes are kept meanwhile, and the machine's clock stands still:
// what the application takes its time for isn't held against the peer.
//
// One thread, the loop's.
#pragma once

#include <drywire/adapters/event_taking.hpp>
#include <drywire/adapters/kept_input.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/loop/loop_core.hpp>
#include <drywire/loop/stream.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
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
/// App is an application<P>, and a pulling_application if Taking is one_by_one; it may own its
/// driver, so that is checked where a driver is made.
template <protocol P, class App, class Taking = as_they_come>
class driver final : private stream_handler, private timer, private turn_end {
 public:
  /// Makes the machine of `arguments` and takes the stream over. `app` outlives the driver.
  template <class... Arguments>
  driver(loop_core& core, stream& transport, App& app, const driver_options& options,
         Arguments&&... arguments)
      : driver(core, &transport, app, options, std::forward<Arguments>(arguments)...) {}
  /// The same; null for a stream that has gone already.
  template <class... Arguments>
  driver(loop_core& core, stream* transport, App& app, const driver_options& options,
         Arguments&&... arguments)
      : machine_(std::forward<Arguments>(arguments)...),
        app_(app),
        core_(core),
        stream_(transport),
        flush_timeout_(options.flush_timeout),
        fixed_unix_seconds_(options.fixed_unix_seconds.value_or(0)),
        has_fixed_time_(options.fixed_unix_seconds.has_value()),
        closing_(transport == nullptr) {
    static_assert(application<App, P> && (!pulls || pulling_application<App>));
    machine_.advance(time());
    if (transport == nullptr) return;
    transport->set_handler(*this);
    watch_clock();
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

  // For an application that takes events one by one.

  /// It wants an event from here on, and is given one if there is one. What the one before pointed
  /// into is dead.
  void pull_event() noexcept {
    taking_.holds_input = false;
    if (kept_.has_dropped() && (stream_ == nullptr || !kept_.empty())) free_input();
    if (closing_ && stream_ != nullptr) return;
    watch_clock();
    machine_.advance(time());
    draining_ = true;
    static_cast<void>(pull_kept());
    draining_ = false;
  }
  /// It waits: what it wished for leaves now.
  void settle() noexcept {
    if (closing_) return;
    turn_end::cancel();
    write_output() != 0 ? drain() : finish();
    compact();
  }
  /// It waits, but others on the loop have their turn first.
  void settle_later() noexcept {
    if (!closing_) core_.at_turn_end(*this);
  }

  /// Null once it is gone.
  [[nodiscard]] const stream* transport() const noexcept { return stream_; }
  void observe(driver_observer<P>* observer) noexcept { observer_ = observer; }
  [[nodiscard]] driver_observer<P>* observer() const noexcept { return observer_; }

 private:
  static constexpr bool pulls = std::same_as<Taking, one_by_one>;
  // About what one write gives the stream, and what one drain does before others have their turn.
  static constexpr std::size_t write_bytes = std::size_t{256} * 1024;
  static constexpr std::size_t drain_bytes = std::size_t{1024} * 1024;

  void on_data(stream&, lent_buffer& lent) noexcept override {
    machine_.advance(time());
    mutable_bytes rest = lent.bytes();
    draining_ = true;
    if (!kept_.empty()) static_cast<void>(pull_kept());
    pulled_event_ = false;
    if (kept_.empty() && takes_input()) rest = pull(rest);
    keep(lent, rest);
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
    draining_ = true;
    if constexpr (pulls) {
      blocked_ = false;
      static_cast<void>(pull_kept());  // the rest when it is asked for
    } else {
      machine_.receive_eof(false);
      static_cast<void>(pull({}));
      kept_.clear();
    }
    draining_ = false;
    app_.on_closed(why);
  }

  void on_timer() noexcept override {
    if constexpr (pulls) {
      pass_deadline();
    } else {
      machine_.advance(time());
    }
    drain();
  }

  void on_turn_end() noexcept override {
    drain();
    compact();
  }

  // Events and output in turn, until neither makes the other possible any more.
  void drain() noexcept {
    if (closing_) return;
    draining_ = true;
    std::size_t written_sum = 0;
    bool more = true;
    while (more && written_sum < drain_bytes) {
      more = pull_kept();
      if constexpr (pulls) more = app_.on_drain() || more;
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
    return (kept_.empty() && tell_end()) || progress;
  }

  // The FIN; and to whom that is told in its time, the loss of the stream.
  bool tell_end() noexcept {
    if (eof_ == eof::clean) {
      eof_ = eof::told;
      machine_.receive_eof(true);
      static_cast<void>(pull({}));
      return true;
    }
    if constexpr (pulls) {
      if (stream_ == nullptr && wanted()) {
        machine_.receive_eof(false);
        static_cast<void>(pull({}));
      }
    }
    return false;
  }

  // Nothing goes in while nothing gets out: a peer that doesn't read can't make the queue grow.
  [[nodiscard]] bool takes_input() const noexcept { return reads_while_blocked<P> || !blocked_; }

  // Each event that the machine makes of `bytes` to the application; returns what it left.
  mutable_bytes pull(mutable_bytes bytes) noexcept {
    pulled_event_ = false;
    if (!wanted()) return bytes;
    auto cursor = machine_.receive(bytes);
    while (auto event = cursor.next()) {
      pulled_event_ = true;
      if (observer_ != nullptr) observer_->on_event(*event);
      if constexpr (pulls) {
        taking_.holds_input = taking_.holds_input || (!bytes.empty() && borrows_input(*event));
      }
      app_.on_event(*event);
      if (!wanted()) break;
    }
    watch_clock();
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
    bool torn = false;
    if (!holds_input()) {
      torn = machine_.retain_output() != errc::ok;
      kept_.free_dropped();
      // Who pulls keeps something at each event.
      if constexpr (!pulls) kept_.trim();
    }
    switch (torn ? ending::reset : machine_.ending()) {
      case ending::open:
      case ending::draining: break;
      case ending::close:
        // A FIN that is due needs no room: it comes with the close.
        if (!machine_.output(1).pieces.empty()) break;
        closing_ = true;
        timer::cancel();
        stream_->close(flush_timeout_);
        return;
      case ending::reset:
        closing_ = true;
        timer::cancel();
        stream_->abort();
        return;
    }
    watch_clock();
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
    instant deadline = machine_.deadline();
    if constexpr (pulls) {
      if (!taking_.clock.runs()) return;
      deadline = taking_.clock.real(deadline);
    }
    if (deadline == instant::never()) {
      timer::cancel();
    } else if (!timer::armed() || deadline < timer::deadline()) {
      core_.arm(*this, deadline);
    }
  }

  [[nodiscard]] now time() const noexcept {
    now t = core_.time();
    if (has_fixed_time_) t.unix_seconds = fixed_unix_seconds_;
    if constexpr (pulls) t.steady = taking_.clock.read(t.steady);
    return t;
  }

  // What there is only for events that are taken one by one.

  [[nodiscard]] bool wanted() noexcept {
    if constexpr (!pulls)
      return true;
    else
      return taking_.early ? app_.takes_early_event() : app_.wants_event();
  }

  [[nodiscard]] bool holds_input() const noexcept {
    if constexpr (!pulls)
      return false;
    else
      return taking_.holds_input;
  }

  // Behind an event the block itself: the event may point into it, and the rest is about to be
  // asked for. If it isn't by the end of the turn, on_turn_end() gives the block back.
  void keep(lent_buffer& lent, mutable_bytes rest) noexcept {
    if (!pulls || !pulled_event_) return kept_.keep(lent, rest);
    if (rest.empty() && !holds_input()) return;
    kept_.hold(lent, rest);
    if (!rest.empty()) core_.at_turn_end(*this);
  }

  void compact() noexcept {
    if (pulls && !holds_input()) kept_.compact();
  }

  // Between two blocks of kept input: what is queued may borrow from the first.
  void free_input() noexcept {
    if (stream_ == nullptr) return kept_.free_dropped();
    if (closing_) return;
    static_cast<void>(write_output());
    finish();
  }

  // The clock runs while the machine waits for the peer: for input, because the application does,
  // or for room to write.
  void watch_clock() noexcept {
    if constexpr (pulls) {
      taking_.clock.run(blocked_ || app_.wants_event(), core_.time().steady);
    }
  }

  // A timeout ends the connection though nobody asks for an event.
  void pass_deadline() noexcept {
    const now t = time();
    const bool due = machine_.deadline() <= t.steady;
    machine_.advance(t);
    if (!due || app_.wants_event()) return;
    taking_.early = true;
    draining_ = true;
    static_cast<void>(pull({}));
    taking_.early = false;
  }

  enum class eof : unsigned char { none, clean, told };

  P machine_;
  App& app_;
  loop_core& core_;
  stream* stream_;
  driver_observer<P>* observer_ = nullptr;
  // The options, in less memory.
  duration flush_timeout_;
  std::int64_t fixed_unix_seconds_;
  kept_input kept_;
  bool has_fixed_time_;
  eof eof_ = eof::none;
  bool draining_ = false;      // within a drain: calls are part of it
  bool closing_ = false;       // the stream was told to close: only on_closed is left
  bool blocked_ = false;       // the stream was full: on_writable follows
  bool reading_ = true;        // not paused by us
  bool pulled_event_ = false;  // the last pull() gave one
  [[no_unique_address]] Taking taking_;
};

}  // namespace drywire
