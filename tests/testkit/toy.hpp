// A protocol that counts bytes and breaks one law of the contract, to see whether that is noticed.
#pragma once

#include <drywire/base/protocol.hpp>
#include <drywire/base/storage.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace drywire {

enum class sin : std::uint8_t {
  none,
  // Portions matter:
  tells_portions,      // one event for each portion
  answers_portions,    // one byte of output for each portion
  ends_early,          // ending depends on the last portion
  keeps_portions,      // takes all but the last byte of a portion
  waits_for_portions,  // deadline depends on the portions
  // Wrong for any portions:
  counts_wrongly,      // consumed() isn't what it took
  borrows_for_good,    // retain_output() does nothing
  leaks,               // doesn't give its block back
  hoards,              // takes a block for each portion
  never_stops,         // events without end
  speaks_after_last,   // an event behind the last one
  speaks_behind_fin,   // output after the fin
  shows_nothing,       // an empty piece of output
  loses_output,        // a byte more than was consumed
  grows_when_over,     // output after close
  stays_late,          // a deadline that has passed
  acts_on_refusal,     // a refused wish changes the deadline
  writes_on_refusal,   // a refused wish changes the output
  reopens,             // from close back to open
  speaks_behind_reset  // output while ending() is reset
};

class toy {
 public:
  struct event {
    std::string_view name;
    const_bytes bytes{};
    bool piece = false;
  };
  struct command {};

  class cursor {
   public:
    std::optional<event> next() { return toy_->next(rest_, told_); }
    [[nodiscard]] std::size_t consumed() const {
      return size_ - rest_.size() + (toy_->sin_ == sin::counts_wrongly ? 1 : 0);
    }
    [[nodiscard]] mutable_bytes remaining() const { return rest_; }

   private:
    friend toy;
    cursor(toy& t, mutable_bytes in) : toy_(&t), rest_(in), size_(in.size()) {}
    toy* toy_;
    mutable_bytes rest_;
    std::size_t size_;
    bool told_ = false;
  };

  toy(storage& memory, sin s) : memory_(memory), sin_(s) {
    if (s == sin::leaks) take_block();
  }
  toy(const toy&) = delete;
  toy& operator=(const toy&) = delete;
  ~toy() {
    if (sin_ == sin::leaks) return;
    for (std::size_t i = 0; i < blocks_; ++i) memory_.release(block_[i]);
  }

  void advance(now t) {
    if (sin_ == sin::stays_late) deadline_ = t.steady;
  }
  cursor receive(mutable_bytes in) { return {*this, in}; }
  void receive_eof(bool) { ended_ = true; }

  errc apply(const command&) {
    if (sin_ == sin::acts_on_refusal) deadline_ = instant{5};
    if (sin_ == sin::writes_on_refusal) pieces_[0] = text_bytes("changed");
    if (sin_ == sin::grows_when_over && ending_ == drywire::ending::close) {
      pieces_[0] = text_bytes("more");
    }
    return errc::out_of_turn;
  }

  output_view output(std::size_t) {
    const bool shown = !pieces_[0].empty() || sin_ == sin::shows_nothing;
    return {std::span<const const_bytes>(pieces_).first(shown ? 1 : 0),
            sin_ == sin::speaks_behind_fin};
  }
  void consume_output(std::size_t n) {
    const std::size_t lost = sin_ == sin::loses_output && n < pieces_[0].size() ? 1 : 0;
    pieces_[0] = pieces_[0].subspan(n + lost);
  }
  errc retain_output() { return errc::ok; }
  [[nodiscard]] instant deadline() const { return deadline_; }
  [[nodiscard]] bool wants_input() const { return true; }
  [[nodiscard]] drywire::ending ending() const { return ending_; }

 private:
  std::optional<event> next(mutable_bytes& rest, bool& told) {
    if (sin_ == sin::never_stops) return event{"again"};
    if (rest.empty()) return at_end();
    if (std::exchange(told, true)) return std::nullopt;
    const const_bytes portion = rest;
    const std::size_t left = sin_ == sin::keeps_portions && portion.size() > 1 ? 1 : 0;
    rest = rest.last(left);
    if (sin_ == sin::tells_portions) return event{"portion"};
    see(portion);
    return event{"bytes", portion.first(portion.size() - left), true};
  }

  std::optional<event> at_end() {
    if (!ended_) return std::nullopt;
    if (sin_ == sin::reopens) {
      ending_ = asked_at_end_++ < 2 ? drywire::ending::close : drywire::ending::open;
      if (told_end_) return std::nullopt;
    }
    if (sin_ == sin::grows_when_over) ending_ = drywire::ending::close;
    if (sin_ == sin::speaks_behind_reset) {
      ending_ = drywire::ending::reset;
      pieces_[0] = text_bytes("late");
    }
    ended_ = sin_ == sin::reopens || (sin_ == sin::speaks_after_last && !told_end_);
    told_end_ = true;
    return event{"end"};
  }

  void see(const_bytes portion) {
    if (sin_ == sin::answers_portions) pieces_[0] = text_bytes("!!!!").first(pieces_[0].size() + 1);
    if (sin_ == sin::borrows_for_good) pieces_[0] = portion;
    if (sin_ == sin::loses_output) pieces_[0] = text_bytes("answer");
    if (sin_ == sin::ends_early && portion.size() == 1) ending_ = drywire::ending::close;
    if (sin_ == sin::hoards) take_block();
    if (sin_ == sin::waits_for_portions) {
      deadline_ = instant{deadline_ == instant::never() ? 1 : deadline_.nanoseconds + 1};
    }
  }

  void take_block() {
    if (blocks_ < block_.size()) block_[blocks_++] = memory_.acquire().data();
  }

  storage& memory_;
  sin sin_;
  std::array<std::byte*, 16> block_{};
  std::size_t blocks_ = 0;
  std::array<const_bytes, 1> pieces_;
  instant deadline_ = instant::never();
  drywire::ending ending_ = drywire::ending::open;
  bool ended_ = false;
  bool told_end_ = false;
  int asked_at_end_ = 0;
};

template <class Trace>
void normalise(const toy::event& e, Trace& trace) {
  if (e.piece) {
    trace.piece(e.name, e.bytes);
  } else {
    trace.event(e.name);
  }
}

}  // namespace drywire
