// What a switching has to do, done without it: the first machine reads until the peers have
// switched, then the second one, what is left. A target compares the two.
#pragma once

#include "switching_subject.hpp"

#include <drywire/testkit/fuzz.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/testkit/verify_splits.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <variant>

namespace drywire {

template <class First, class Second>
class switching_by_hand {
  using switched = typename First::machine::switched;

 public:
  explicit switching_by_hand(const testkit::fuzz_input& input)
      : wire_(input.wire),
        end_(testkit::fuzz_cuts(input).end),
        first_does_(input.decisions),
        second_does_(input.decisions) {}

  testkit::split_outcome run() {
    first_.advance(start_);
    read();
    if (rest_.empty()) {
      ended_ = true;
      second_ ? end_input(*second_) : end_input(first_);
      read();
    }
    outcome_.kept = rest_.size();
    outcome_.ending = second_ ? second_->ending() : first_.ending();
    outcome_.deadline = second_ ? second_->deadline() : first_.deadline();
    if (outcome_.ending == ending::reset) return outcome_;
    if (first_.queued() > 0) {
      outcome_.deadline = std::min(outcome_.deadline, first_.deadline());
    }
    write(first_);
    if (second_) write(*second_);
    return outcome_;
  }

 private:
  void read() {
    if (!second_) read_with_first();
    if (second_) read_with_second();
  }

  void read_with_first() {
    auto cursor = first_.receive(rest_);
    while (const auto event = cursor.next()) {
      normalise(*event, outcome_.events);
      const auto* s = std::get_if<switched>(&*event);
      s != nullptr ? switch_behind(*s) : first_does_.react(first_, *event);
    }
    rest_ = cursor.remaining();
  }

  void switch_behind(const switched& s) {
    second_.reset(new auto(Second::make(memory_, s)));
    second_->advance(start_);
    if (ended_) end_input(*second_);
    second_does_.begin(*second_, s);
  }

  void read_with_second() {
    auto cursor = second_->receive(rest_);
    while (const auto event = cursor.next()) {
      normalise(*event, outcome_.events);
      second_does_.react(*second_, *event);
    }
    rest_ = cursor.remaining();
  }

  template <class Machine>
  void end_input(Machine& m) {
    m.receive_eof(end_ == testkit::split_options::end::clean);
  }

  template <class Machine>
  void write(Machine& m) {
    while (true) {
      const output_view view = m.output(64 * 1024);
      if (view.empty()) return;
      for (const const_bytes piece : view.pieces) outcome_.output += as_text(piece);
      outcome_.fin = view.fin;
      m.consume_output(view.size());
    }
  }

  std::string wire_;
  enum testkit::split_options::end end_;
  mutable_bytes rest_ = std::as_writable_bytes(std::span(wire_));
  testkit::heap_storage memory_{First::block_bytes};
  now start_ = testkit::split_options{}.start;
  First first_does_;
  Second second_does_;
  typename First::machine first_{memory_, First::small()};
  std::unique_ptr<typename Second::machine> second_;
  bool ended_ = false;
  testkit::split_outcome outcome_;
};

/// The wire whole, cut, and read by hand: all of it has to be the same.
template <class First, class Second>
struct switching_splits {
  /// Throws law_broken.
  static void run(const_bytes bytes) {
    const auto whole = testkit::fuzz_splits<switching_subject<First, Second>>(bytes);
    const auto by_hand = switching_by_hand<First, Second>(testkit::fuzz_input(bytes)).run();
    const std::string difference = testkit::detail::difference(by_hand, whole);
    if (!difference.empty()) throw testkit::law_broken("by hand, and not cut: " + difference);
  }
};

}  // namespace drywire
