// Any bytes, any portions, any wishes, any times: a driver that an input of a fuzzer commands, and
// that holds the machine to the laws of the contract.
//
// The input ends with decisions: its last byte counts them, and they lie before that byte. All
// before them is the wire. So a plain file with a NUL behind it is an input that comes whole, and
// a fuzzer's dictionary still works. Decisions are used in turn, again and again.
//
// What the driver needs to know about a protocol is a *subject*:
//
//   struct subject {
//     explicit subject(testkit::choices decisions);
//     static constexpr std::size_t block_bytes = ..., blocks_max = ...;  // the bound to hold
//     static P make(storage&);
//     void react(P&, const P::event&);     // the application; independent of portions of a body
//     const P::command& wish();            // any wish at all, for any moment
//     static bool is_last(const P::event&);  // a peer error, or its like
//   };
#pragma once

#include <drywire/base/protocol.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/testkit/trace.hpp>
#include <drywire/testkit/verify_splits.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::testkit {

/// A machine did what the contract forbids; what() says what.
class law_broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// The decisions of an input. Without any, each is 0, which means: the plain thing.
class choices {
 public:
  choices() = default;
  explicit choices(const_bytes decisions) : decisions_(decisions) {}

  std::uint8_t next() noexcept {
    if (decisions_.empty()) return 0;
    const auto choice = std::to_integer<std::uint8_t>(decisions_[at_]);
    at_ = (at_ + 1) % decisions_.size();
    return choice;
  }
  /// At least 0, less than `bound`, which is at most 256.
  std::size_t below(std::size_t bound) noexcept { return next() % bound; }

 private:
  const_bytes decisions_;
  std::size_t at_ = 0;
};

/// A fuzzer's input, taken apart. Views of it.
struct fuzz_input {
  std::string_view wire;
  choices decisions;

  explicit fuzz_input(const_bytes bytes) {
    if (bytes.empty()) return;
    const auto count = std::to_integer<std::size_t>(bytes.back());
    bytes = bytes.first(bytes.size() - 1);
    const std::size_t taken = std::min(count, bytes.size());
    wire = as_text(bytes.first(bytes.size() - taken));
    decisions = choices(bytes.last(taken));
  }
};

template <class Subject>
class fuzz_driver {
  using machine_type = decltype(Subject::make(std::declval<storage&>()));
  using event = typename machine_type::event;

 public:
  fuzz_driver(const fuzz_input& input, heap_storage& memory)
      : wire_(input.wire),
        decisions_(input.decisions),
        subject_(input.decisions),
        memory_(memory),
        machine_(Subject::make(memory)) {}

  /// One connection from its begin to its end. Throws law_broken.
  void run() {
    std::size_t steps = 2 * wire_.size() + 64;
    while (!wire_.empty() && steps-- > 0) step();
    end_input();
    for (std::size_t more = decisions_.below(8); more > 0; --more) step();
    run_out_of_time();
    write_all();
    if (over()) stay_over();
  }

 private:
  void step() {
    switch (decisions_.below(8)) {
      case 4: return pass_time();
      case 5: return write();
      case 6: return wish();
      case 7: memory_.refuse(1 + decisions_.below(4)); return offer();
      default: return read(decisions_.next());
    }
  }

  // What a driver does.

  void read(std::size_t choice) {
    const std::size_t n = choice == 0 ? wire_.size() : choice < 200 ? choice : (choice - 199) * 64;
    if (machine_.wants_input() && kept_.size() < kept_bytes_max) {
      kept_ += wire_.substr(0, n);
      wire_.remove_prefix(std::min(n, wire_.size()));
    }
    offer();
  }

  void pass_time() {
    const instant due = machine_.deadline();
    switch (decisions_.below(8)) {
      case 0: advance(clock_ + seconds(1)); break;
      case 1: advance(due == instant::never() ? clock_ : due); break;
      case 2: advance(due == instant::never() ? clock_ : due + nanoseconds(-1)); break;
      case 3: advance(clock_ + milliseconds(1)); break;
      case 4: advance(clock_ + seconds(3600)); break;
      default: advance(clock_ + milliseconds(10 * decisions_.next())); break;
    }
    offer();
  }

  void advance(instant t) {
    clock_ = std::max(clock_, t);
    machine_.advance({clock_, clock_.nanoseconds / 1'000'000'000});
    timed_ = true;
  }

  void write() {
    static constexpr std::array<std::size_t, 4> sizes{1'000'000, 1, 7, 100};
    const output_view view = show(sizes[decisions_.below(4)]);
    const std::string text = joined(view);
    const std::size_t how = decisions_.next();
    const std::size_t n = text.size() - std::min<std::size_t>(text.size(), how % 8);
    const bool fin = n == text.size() && view.fin;
    // While the transport was writing.
    if (how / 8 % 4 == 3) static_cast<void>(machine_.apply(subject_.wish()));
    consume(n, fin);
    hold(machine_.ending() == ending::reset || front().starts_with(text.substr(n)),
         "output that wasn't written is no longer shown");
    offer();
  }

  void wish() {
    const std::string before = front();
    const auto state = visible();
    const errc done = machine_.apply(subject_.wish());
    if (done != errc::ok) {
      hold(state == visible(), "a refused wish changed the machine");
      hold(before == front(), "a refused wish changed the output");
    }
    offer();
  }

  // Lends what is kept, in memory of exactly that size, and pulls events until there are no more.
  void offer() {
    lent_.push_back(std::make_unique<std::byte[]>(kept_.size()));
    const mutable_bytes bytes(lent_.back().get(), kept_.size());
    lent_sizes_.push_back(bytes.size());
    std::ranges::copy(text_bytes(kept_), bytes.begin());
    auto cursor = machine_.receive(bytes);
    const bool drained = pull(cursor, bytes.size());
    const mutable_bytes rest = cursor.remaining();
    hold(rest.size() <= bytes.size() && cursor.consumed() == bytes.size() - rest.size(),
         "consumed and remaining don't add up to what was lent");
    hold(rest.empty() || rest.data() == bytes.data() + cursor.consumed(),
         "remaining isn't the end of what was lent");
    kept_.assign(as_text(rest));
    if (drained && timed_)
      hold(machine_.deadline() > clock_, "a deadline that passed still stands");
    retain();
    inspect();
  }

  // False if it dropped the cursor before its end, as a driver may.
  template <class Cursor>
  bool pull(Cursor& cursor, std::size_t size) {
    std::size_t events_left = 2 * size + 64;
    while (const auto happened = cursor.next()) {
      hold(!told_last_, "an event came behind the last one");
      hold(events_left-- > 0, "events don't end though the input did");
      told_last_ = Subject::is_last(*happened);
      trace touched;  // reads all that the event points to
      normalise(*happened, touched);
      subject_.react(machine_, *happened);
      if (decisions_.below(32) == 31) return false;
    }
    return true;
  }

  // The lent bytes die, if the machine lets them.
  void retain() {
    const std::string before = front();
    if (machine_.retain_output() != errc::ok) return;
    for (std::size_t i = 0; i < lent_.size(); ++i) {
      std::fill_n(lent_[i].get(), lent_sizes_[i], std::byte{0xDD});
    }
    hold(begins_alike(before, front()), "retained output changed with the lent bytes");
    lent_.clear();
    lent_sizes_.clear();
  }

  // The end.

  void end_input() {
    const std::size_t how = decisions_.below(4);
    if (how == 3 || (how != 2 && !kept_.empty())) return;
    kept_.clear();
    machine_.receive_eof(how != 2);
    offer();
  }

  void run_out_of_time() {
    for (int i = 0; i < 20 && !over() && machine_.deadline() != instant::never(); ++i) {
      advance(machine_.deadline());
      offer();
      write_all();
    }
  }

  void write_all() {
    for (int i = 0; i < 100'000; ++i) {
      const output_view view = show(1'000'000);
      if (view.empty()) return;
      consume(view.size(), view.fin);
      offer();
    }
    hold(false, "output doesn't end");
  }

  void stay_over() {
    for (int i = 0; i < 4; ++i) {
      static_cast<void>(machine_.apply(subject_.wish()));
      advance(clock_ + seconds(3600));
      offer();
      hold(over(), "a connection that was over began again");
      hold(machine_.output(1000).empty(), "output grew behind the end");
    }
  }

  bool over() const { return machine_.ending() >= ending::close; }

  // What it watches.

  output_view show(std::size_t n) {
    const output_view view = machine_.output(n);
    hold(view.empty() || !fin_taken_, "there is output behind the fin");
    for (const const_bytes piece : view.pieces) hold(!piece.empty(), "a piece of output is empty");
    hold(view.size() <= n || n < 1024, "there is far more output than was asked for");
    return view;
  }

  void consume(std::size_t n, bool fin) {
    machine_.consume_output(n);
    fin_taken_ = fin_taken_ || fin;
  }

  std::string front() { return joined(show(64 * 1024)); }

  static std::string joined(const output_view& view) {
    std::string all;
    for (const const_bytes piece : view.pieces) all += as_text(piece);
    return all;
  }

  static bool begins_alike(const std::string& a, const std::string& b) {
    const std::size_t both = std::min(a.size(), b.size());
    return a.compare(0, both, b, 0, both) == 0;
  }

  struct shown {
    instant deadline;
    bool wants_input;
    drywire::ending ending;
    friend bool operator==(const shown&, const shown&) = default;
  };
  shown visible() const { return {machine_.deadline(), machine_.wants_input(), machine_.ending()}; }

  void inspect() {
    hold(memory_.in_use() <= Subject::blocks_max, "more blocks are in use than the limits allow");
    hold(machine_.ending() >= ending_, "the ending went back");
    ending_ = machine_.ending();
    if (ending_ == ending::reset) hold(show(1).empty(), "there is output behind a reset");
  }

  static void hold(bool law, const char* otherwise) {
    if (!law) throw law_broken(otherwise);
  }

  std::string_view wire_;
  choices decisions_;
  Subject subject_;
  heap_storage& memory_;
  std::vector<std::unique_ptr<std::byte[]>> lent_;
  std::vector<std::size_t> lent_sizes_;
  machine_type machine_;
  std::string kept_;
  instant clock_{1'000'000'000};
  drywire::ending ending_ = drywire::ending::open;
  bool timed_ = false;
  bool told_last_ = false;
  bool fin_taken_ = false;
};

/// One connection, commanded by `bytes`. Throws law_broken.
template <class Subject>
void fuzz_connection(const_bytes bytes) {
  heap_storage memory(Subject::block_bytes);
  fuzz_driver<Subject>(fuzz_input(bytes), memory).run();
  if (memory.in_use() != 0) throw law_broken("blocks outlived their machine");
}

/// How the decisions have the wire of an input cut, and ended.
struct fuzz_cuts {
  std::vector<std::size_t> at;
  enum split_options::end end;

  explicit fuzz_cuts(fuzz_input input) {
    for (std::size_t cut = 0; at.size() < 64 && cut < input.wire.size();) {
      cut += input.decisions.next();
      at.push_back(std::min(cut, input.wire.size()));
    }
    end = input.decisions.below(4) == 3 ? split_options::end::broken : split_options::end::clean;
  }
};

/// The wire whole, and cut where the decisions say, has to give the same; this is what it gives.
/// Throws law_broken.
template <class Subject>
split_outcome fuzz_splits(const_bytes bytes) {
  const fuzz_input input(bytes);
  const fuzz_cuts cuts(input);
  split_options options;
  options.block_bytes = Subject::block_bytes;
  options.end = cuts.end;
  const auto react = [subject = Subject(input.decisions)](auto& machine, const auto& e) mutable {
    subject.react(machine, e);
  };
  const split_report report = verify_cuts(input.wire, cuts.at, &Subject::make, react, options);
  if (!report.equal()) throw law_broken(report.text());
  return report.whole();
}

}  // namespace drywire::testkit
