// One connection that begins with one protocol and goes on with another: an upgrade inside one
// object, which is a protocol again.
//
//   switching<http1::server, tunnel::connection> machine(
//       [&memory](const http1::server::switched&) { return tunnel::connection(memory); },  // later
//       memory, limits);                                                                 // at once
//
// The first protocol says by its event `switched` that the peers have switched. Then, before the
// application sees that event, the second one is made; it gets the bytes behind the switch, the
// time, and the end of input, if that was told already. What the first still has to write leaves
// before anything of the second. Nothing is allocated: an object is as large as both parts.
//
// Used from one thread at a time.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/inplace_function.hpp>
#include <drywire/base/instant.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/base/rest_cursor.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>
#include <variant>

namespace drywire {

/// A protocol that can be the first. Its last event is a `switched`: behind it the machine takes no
/// byte, grants no wish, and writes what it has queued, under a deadline that ends in a reset.
template <class P>
concept switchable = protocol<P> && requires(const P machine, const typename P::event event) {
  std::get_if<typename P::switched>(&event);
  { machine.queued() } -> std::same_as<std::size_t>;  // bytes of output that haven't left
};

/// An event of the one part or of the other. std::get_if gives the part's event:
///
///   if (const auto* e = std::get_if<http1::server_event>(&event)) ...
template <class First, class Second>
struct switching_event : std::variant<First, Second> {
  using std::variant<First, Second>::variant;

  template <class Trace>
  friend void normalise(const switching_event& e, Trace& trace) {
    if (const auto* first = std::get_if<0>(&e)) normalise(*first, trace);
    if (const auto* second = std::get_if<1>(&e)) normalise(*second, trace);
  }

  /// Whether it points into the lent input, as far as the part says: else it does.
  [[nodiscard]] friend bool lies_in_input(const switching_event& e) noexcept {
    const auto lies = [](const auto& part) noexcept {
      if constexpr (requires { lies_in_input(part); }) {
        return lies_in_input(part);
      } else {
        return true;
      }
    };
    return e.index() == 0 ? lies(*std::get_if<0>(&e)) : lies(*std::get_if<1>(&e));
  }
};

/// Makes the second part of a switching, of the head that the peers have switched behind.
template <class First, class Second>
using switching_maker =
    inplace_function<Second(const typename First::switched&), 6 * sizeof(void*)>;

/// `Maker` is called as a switching_maker is, once.
template <switchable First, protocol Second, class Maker = switching_maker<First, Second>>
class switching {
 public:
  using event = switching_event<typename First::event, typename Second::event>;
  using command = std::variant<typename First::command, typename Second::command>;
  using cursor = rest_cursor<switching, event>;

  static constexpr bool reads_while_blocked =
      drywire::reads_while_blocked<First> || drywire::reads_while_blocked<Second>;

  /// The first part is made of `arguments`. What `make` captures lives at least until the switch.
  template <class... Arguments>
  explicit switching(Maker make, Arguments&&... arguments)
      : first_(std::forward<Arguments>(arguments)...), before_{.make = std::move(make)} {}
  switching(const switching&) = delete;
  switching& operator=(const switching&) = delete;
  ~switching() {
    if (first_lives_) first_.~First();
    switched_ ? after_.~behind_switch() : before_.~before_switch();
  }

  // Facts from outside.

  void advance(now t) noexcept {
    if (first_lives_) first_.advance(t);
    if (switched_) return after_.second.advance(t);
    before_.time = t;
    before_.time_told = true;
  }
  [[nodiscard]] cursor receive(mutable_bytes in) noexcept { return {*this, in}; }
  void receive_eof(bool clean) noexcept {
    if (switched_) return after_.second.receive_eof(clean);
    if (before_.input_end != end::lost) before_.input_end = clean ? end::clean : end::lost;
    first_.receive_eof(clean);
  }

  // Wishes, of either part.

  /// As the part answers. out_of_turn: the second isn't there yet. connection_gone: the first is
  /// over.
  errc apply(const command& wish) noexcept {
    if (const auto* w = std::get_if<0>(&wish)) {
      return switched_ ? errc::connection_gone : first_.apply(*w);
    }
    if (const auto* w = std::get_if<1>(&wish)) {
      return switched_ ? after_.second.apply(*w) : errc::out_of_turn;
    }
    return errc::invalid_argument;
  }

  /// The part that speaks, for its named wishes and its getters; null if it is the other one. From
  /// the event `switched` on, that is the second. Stable bytes that were given to the first are
  /// needed as long as this lives.
  [[nodiscard]] First* first() noexcept { return switched_ ? nullptr : &first_; }
  [[nodiscard]] const First* first() const noexcept { return switched_ ? nullptr : &first_; }
  [[nodiscard]] Second* second() noexcept { return switched_ ? &after_.second : nullptr; }
  [[nodiscard]] const Second* second() const noexcept {
    return switched_ ? &after_.second : nullptr;
  }

  // Results: those of the part that speaks.

  /// Behind a switch: what is left of the first part and the beginning of the second in one list.
  [[nodiscard]] output_view output(std::size_t n) noexcept {
    if (!switched_) return first_.output(n);
    if (lost_) return {};
    return first_lives_ ? output_of_both(n) : after_.second.output(n);
  }
  /// Precondition: n is at most the size of the last output_view.
  void consume_output(std::size_t n) noexcept {
    if (!switched_) return first_.consume_output(n);
    if (!first_lives_) return after_.second.consume_output(n);
    const std::size_t of_first = n < after_.first_shown ? n : after_.first_shown;
    if (of_first > 0) first_.consume_output(of_first);
    after_.first_shown -= of_first;
    if (second_shown_ && after_.first_shown == 0) after_.second.consume_output(n - of_first);
    drop_first_if_done();
  }
  errc retain_output() noexcept {
    const errc first = first_lives_ ? first_.retain_output() : errc::ok;
    return first == errc::ok && switched_ ? after_.second.retain_output() : first;
  }
  [[nodiscard]] instant deadline() const noexcept {
    const instant first = first_lives_ ? first_.deadline() : instant::never();
    const instant second = switched_ ? after_.second.deadline() : instant::never();
    return first < second ? first : second;
  }
  [[nodiscard]] bool wants_input() const noexcept {
    return switched_ ? after_.second.wants_input() : first_.wants_input();
  }
  [[nodiscard]] drywire::ending ending() const noexcept {
    if (lost_) return drywire::ending::reset;
    return switched_ ? after_.second.ending() : first_.ending();
  }

 private:
  friend cursor;

  // A list of pieces from both parts: a head, and what of the second fits into one write with it.
  static constexpr std::size_t pieces_max = 2;

  // What is known only as long as there is no second part, or then alone, shares its memory.
  enum class end : std::uint8_t { none, clean, lost };
  struct before_switch {
    Maker make;
    now time = {};  // what the first part was told
    bool time_told = false;
    end input_end = end::none;  // also that
  };
  struct behind_switch {
    behind_switch(Maker& make, const typename First::switched& switched) noexcept
        : second(make(switched)) {}

    Second second;
    const_bytes pieces[pieces_max];
    // What output() showed of the first part and wasn't consumed: before the switch, all.
    std::size_t first_shown = SIZE_MAX;
  };

  std::optional<event> next(mutable_bytes& rest) noexcept {
    if (!switched_) return next_of_first(rest);
    if (first_lives_) end_first();
    auto part = after_.second.receive(rest);
    auto happened = part.next();
    rest = part.remaining();
    if (!happened) return std::nullopt;
    return std::optional<event>(std::in_place, std::in_place_index<1>, *std::move(happened));
  }

  std::optional<event> next_of_first(mutable_bytes& rest) noexcept {
    auto part = first_.receive(rest);
    auto happened = part.next();
    rest = part.remaining();
    if (!happened) return std::nullopt;
    const auto* switched = std::get_if<typename First::switched>(&*happened);
    if (switched != nullptr) begin_second(*switched);
    return std::optional<event>(std::in_place, std::in_place_index<0>, *std::move(happened));
  }

  void begin_second(const typename First::switched& switched) noexcept {
    before_switch was = std::move(before_);
    before_.~before_switch();
    ::new (static_cast<void*>(&after_)) behind_switch(was.make, switched);
    switched_ = head_lives_ = true;
    if (was.time_told) after_.second.advance(was.time);
    if (was.input_end != end::none) after_.second.receive_eof(was.input_end == end::clean);
  }

  // The head that came with `switched` has lived until now. What the first part still does is
  // write; if it can't, the second has lost its transport.
  void end_first() noexcept {
    head_lives_ = false;
    static_cast<void>(first_.receive({}).next());
    if (first_.ending() == drywire::ending::reset) {
      lost_ = true;
      after_.second.receive_eof(false);
    }
    drop_first_if_done();
  }

  void drop_first_if_done() noexcept {
    if (head_lives_) return;
    const bool writes = !lost_ && after_.second.ending() != drywire::ending::reset;
    if (writes && first_.queued() != 0) return;
    first_.~First();
    first_lives_ = false;
  }

  output_view output_of_both(std::size_t n) noexcept {
    if (after_.second.ending() == drywire::ending::reset) return {};
    const output_view first = first_.output(n);
    after_.first_shown = first.size();
    const bool whole = after_.first_shown == first_.queued() && first.pieces.size() < pieces_max;
    second_shown_ = whole && after_.first_shown < n;
    if (!second_shown_) return {first.pieces};
    const output_view second = after_.second.output(n - after_.first_shown);
    std::size_t shown = 0;
    for (const const_bytes piece : first.pieces) after_.pieces[shown++] = piece;
    for (const const_bytes piece : second.pieces) {
      if (shown == pieces_max) return {after_.pieces};
      after_.pieces[shown++] = piece;
    }
    return {{after_.pieces, shown}, second.fin};
  }

  union {
    First first_;
  };
  union {
    before_switch before_;
    behind_switch after_;
  };
  bool first_lives_ = true;
  bool switched_ = false;      // the second part lives
  bool head_lives_ = false;    // `switched` was the last event
  bool lost_ = false;          // the first part couldn't write what it had to
  bool second_shown_ = false;  // the second was part of what output() showed last
};

}  // namespace drywire
