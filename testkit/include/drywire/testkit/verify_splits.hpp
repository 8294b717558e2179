// Where input is cut means nothing: a machine that was given the same bytes in other portions tells
// the same events and writes the same output. This proves it, for one input at a time.
//
//   const auto report = testkit::verify_splits(
//       "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
//       [](storage& memory) { return http1::server(memory); },
//       [](http1::server& server, const http1::event& event) { ... });   // the application
//   INFO(report.text());
//   CHECK(report.equal());
//
// The input goes in whole, at every two-way split, byte by byte, and at seeded random splits (with
// empty portions among them). The bytes lent to the machine are scribbled on once it may not look
// at them any more. Output is consumed at the end, when every wish was made.
#pragma once

#include <drywire/base/protocol.hpp>
#include <drywire/testkit/random.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/testkit/trace.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::testkit {

struct split_options {
  std::uint64_t seed = 1;
  std::size_t random_splits = 20;
  /// The time that the machine is told at its start; nothing if `timed` is false.
  now start{instant{1'000'000'000}, 1'700'000'000};
  bool timed = true;
  /// What comes behind the input: a FIN, a failure, or nothing.
  enum class end : std::uint8_t { clean, broken, none } end = end::clean;
  std::size_t block_bytes = 4096;
};

/// All that a machine showed for one way to cut the input.
struct split_outcome {
  trace events;
  std::string output;
  bool fin = false;
  drywire::ending ending = drywire::ending::open;
  instant deadline;
  std::size_t kept = 0;   // bytes it never took
  std::string misdeed{};  // a law that it broke meanwhile
};

/// The same input cut in two ways, and whether it made a difference.
class split_report {
 public:
  /// True if no way to cut the input made a difference, and no law was broken.
  [[nodiscard]] bool equal() const noexcept { return text_.empty(); }
  explicit operator bool() const noexcept { return equal(); }

  /// The first difference, in words; empty if there is none.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Ways to cut the input that were tried.
  [[nodiscard]] std::size_t runs() const noexcept { return runs_; }
  /// What happens when the input comes whole.
  [[nodiscard]] const split_outcome& whole() const noexcept { return whole_; }

  friend std::ostream& operator<<(std::ostream& out, const split_report& r) {
    return out << (r.equal() ? "equal" : r.text_);
  }

 private:
  template <class Make, class React>
  friend class split_verifier;

  split_outcome whole_;
  std::string text_;
  std::size_t runs_ = 0;
};

namespace detail {

// "first event that differs", with both sides. Empty if there is none.
inline std::string difference(const trace& whole, const trace& cut) {
  const auto& a = whole.entries();
  const auto& b = cut.entries();
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at.first == a.end() && at.second == b.end()) return {};
  return "event " + std::to_string(at.first - a.begin() + 1) +
         " differs\n  whole: " + (at.first == a.end() ? "(none)" : to_string(*at.first)) +
         "\n  cut:   " + (at.second == b.end() ? "(none)" : to_string(*at.second));
}

inline std::string difference(std::string_view what, std::string_view whole, std::string_view cut) {
  if (whole == cut) return {};
  const auto at = std::mismatch(whole.begin(), whole.end(), cut.begin(), cut.end());
  const auto same = static_cast<std::size_t>(at.first - whole.begin());
  const std::size_t from = same < 20 ? 0 : same - 20;
  return std::string(what) + " differs at byte " + std::to_string(same) + "\n  whole: ..." +
         in_quotes(whole.substr(from, 80)) + "\n  cut:   ..." + in_quotes(cut.substr(from, 80));
}

inline std::string difference(const split_outcome& whole, const split_outcome& cut) {
  std::string d = cut.misdeed;
  if (d.empty()) d = difference(whole.events, cut.events);
  if (d.empty()) d = difference("output", whole.output, cut.output);
  const auto number = [&](std::string_view what, auto a, auto b) {
    if (d.empty() && a != b) {
      d = std::string(what) + " differs: whole " + std::to_string(a) + ", cut " + std::to_string(b);
    }
  };
  number("fin", whole.fin, cut.fin);
  number("ending", static_cast<int>(whole.ending), static_cast<int>(cut.ending));
  number("count of bytes not taken", whole.kept, cut.kept);
  number("deadline", whole.deadline.nanoseconds, cut.deadline.nanoseconds);
  return d;
}

// The input around a cut: `"GET / HT" | "TP/1.1\r\n"`.
inline std::string around(std::string_view input, std::size_t cut) {
  const std::size_t from = cut < 30 ? 0 : cut - 30;
  return in_quotes(input.substr(from, cut - from)) + " | " + in_quotes(input.substr(cut, 30));
}

}  // namespace detail

template <class Make, class React>
class split_verifier {
 public:
  split_verifier(std::string_view input, Make& make, const React& react, const split_options& o)
      : input_(input), make_(make), react_(react), options_(o) {}

  split_report run_all() {
    split_report report = run_whole();
    for (std::size_t i = 1; i < input_.size() && report.equal(); ++i) {
      compare(report, {i}, "cut at " + std::to_string(i) + " (" + detail::around(input_, i) + ")");
    }
    if (report.equal()) compare(report, byte_by_byte(), "byte by byte");
    for (std::size_t n = 0; n < options_.random_splits && report.equal(); ++n) {
      compare(report, random_cuts(options_.seed + n),
              "random split of seed " + std::to_string(options_.seed + n));
    }
    return report;
  }

  split_report run_one(const std::vector<std::size_t>& cuts) {
    split_report report = run_whole();
    if (report.equal()) compare(report, cuts, "cut");
    return report;
  }

 private:
  split_report run_whole() {
    split_report report;
    report.whole_ = cut_at({});
    report.runs_ = 1;
    if (!report.whole_.misdeed.empty()) report.text_ = "whole: " + report.whole_.misdeed;
    return report;
  }

  void compare(split_report& report, const std::vector<std::size_t>& cuts, const std::string& how) {
    const std::string d = detail::difference(report.whole_, cut_at(cuts));
    ++report.runs_;
    if (d.empty()) return;
    report.text_ = how;
    if (cuts.size() > 1) {
      report.text_ += " at";
      for (const std::size_t cut : cuts) report.text_ += ' ' + std::to_string(cut);
    }
    report.text_ += ": " + d;
  }

  // One machine's life, as its driver would lead it.
  split_outcome cut_at(const std::vector<std::size_t>& cuts) {
    split_outcome outcome;
    heap_storage memory(options_.block_bytes);
    {
      auto machine = make_(memory);
      React react = react_;
      if (options_.timed) machine.advance(options_.start);
      std::string kept;
      std::size_t from = 0;
      for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t to = i < cuts.size() ? cuts[i] : input_.size();
        kept += input_.substr(from, to - from);
        from = to;
        offer(machine, react, kept, outcome);
      }
      if (options_.end != split_options::end::none && kept.empty()) {
        machine.receive_eof(options_.end == split_options::end::clean);
        offer(machine, react, kept, outcome);
      }
      outcome.kept = kept.size();
      outcome.ending = machine.ending();
      outcome.deadline = machine.deadline();
      // Output that still borrows from dead bytes mustn't be looked at.
      if (outcome.misdeed.empty()) drain(machine, outcome);
    }
    if (memory.in_use() != 0) outcome.misdeed = "blocks outlived their machine";
    return outcome;
  }

  // Lends a copy of `kept`, of exactly its length, and leaves in `kept` what wasn't taken.
  template <class P>
  void offer(P& machine, React& react, std::string& kept, split_outcome& outcome) {
    if (!outcome.misdeed.empty()) return;
    const auto lent = std::make_unique<std::byte[]>(kept.size());
    const mutable_bytes bytes(lent.get(), kept.size());
    std::ranges::copy(text_bytes(kept), bytes.begin());
    auto cursor = machine.receive(bytes);
    // No event is shorter than nothing, so a machine that tells this many is going in circles.
    std::size_t events_left = 2 * kept.size() + 64;
    while (const auto event = cursor.next()) {
      normalise(*event, outcome.events);
      react(machine, *event);
      if (--events_left == 0) {
        outcome.misdeed = "endless events without input";
        return;
      }
    }
    const mutable_bytes rest = cursor.remaining();
    if (rest.size() > bytes.size() || cursor.consumed() != bytes.size() - rest.size()) {
      outcome.misdeed = "consumed and remaining don't add up to what was lent";
    }
    kept.assign(as_text(rest));
    const std::string borrowing = front(machine);
    if (machine.retain_output() != errc::ok) outcome.misdeed = "output could not be retained";
    std::ranges::fill(bytes, std::byte{0xDD});
    const std::string owning = front(machine);
    const std::size_t both = std::min(borrowing.size(), owning.size());
    if (borrowing.compare(0, both, owning, 0, both) != 0) {
      outcome.misdeed = "output changed with the lent bytes though it was retained";
    }
  }

  // The first pieces of the output, joined.
  template <class P>
  static std::string front(P& machine) {
    std::string all;
    for (const const_bytes piece : machine.output(64 * 1024).pieces) all += as_text(piece);
    return all;
  }

  template <class P>
  static void drain(P& machine, split_outcome& outcome) {
    while (true) {
      const output_view view = machine.output(64 * 1024);
      if (view.empty()) return;
      if (outcome.fin) {
        outcome.misdeed = "there is output behind the fin that was consumed";
        return;
      }
      for (const const_bytes piece : view.pieces) outcome.output += as_text(piece);
      outcome.fin = view.fin;
      machine.consume_output(view.size());
    }
  }

  std::vector<std::size_t> byte_by_byte() const {
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < input_.size(); ++i) cuts.push_back(i);
    return cuts;
  }

  // Up to eight cuts or, every second time, one in about four bytes; a cut may come twice.
  std::vector<std::size_t> random_cuts(std::uint64_t seed) const {
    random numbers(seed);
    const bool few = numbers.below(2) == 0;
    std::vector<std::size_t> cuts(few ? numbers.below(8) + 1 : input_.size() / 4 + 1);
    for (std::size_t& cut : cuts) cut = numbers.below(input_.size() + 1);
    std::ranges::sort(cuts);
    return cuts;
  }

  std::string_view input_;
  Make& make_;
  const React& react_;
  const split_options& options_;
};

/// Runs `input` through machines of `make(storage&)`, cut in every way named above. `react` is
/// called after each event, as `react(machine, event)`; it is copied for every run, so that what
/// it remembers begins anew. Takes time in the square of the input's length.
template <class Make, class React>
[[nodiscard]] split_report verify_splits(std::string_view input, Make make, React react,
                                         const split_options& options = {}) {
  static_assert(protocol<decltype(make(std::declval<storage&>()))>);
  return split_verifier<Make, React>(input, make, react, options).run_all();
}

/// The input whole, and at these cuts alone: offsets in ascending order, which may repeat.
template <class Make, class React>
[[nodiscard]] split_report verify_cuts(std::string_view input, const std::vector<std::size_t>& cuts,
                                       Make make, React react, const split_options& options = {}) {
  return split_verifier<Make, React>(input, make, react, options).run_one(cuts);
}

/// The same with an application that makes no wishes.
template <class Make>
[[nodiscard]] split_report verify_splits(std::string_view input, Make make) {
  return verify_splits(input, make, [](auto&, const auto&) {});
}

}  // namespace drywire::testkit
