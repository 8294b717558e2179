#include <drywire/protocol/line.hpp>
#include <drywire/testkit/verify_splits.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <string_view>

using namespace drywire;
using testkit::verify_splits;

namespace {

// What a toy does wrong, if anything.
enum class sin : std::uint8_t {
  none,
  tells_portions,      // one event for each portion
  answers_portions,    // one byte of output for each portion
  ends_early,          // ending depends on the last portion
  keeps_portions,      // takes all but the last byte of a portion
  counts_wrongly,      // consumed() isn't what it took
  borrows_for_good,    // retain_output() does nothing
  leaks,               // doesn't give its block back
  never_stops,         // events without end
  speaks_behind_fin,   // output after the fin
  waits_for_portions,  // deadline depends on the portions
};

// Counts the bytes that it saw, and commits one sin.
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
    if (s == sin::leaks) block_ = memory_.acquire();
  }
  toy(const toy&) = delete;

  void advance(now) {}
  cursor receive(mutable_bytes in) { return {*this, in}; }
  void receive_eof(bool) { ended_ = true; }
  errc apply(const command&) { return errc::ok; }
  output_view output(std::size_t) {
    return {pieces_.empty() ? std::span<const const_bytes>() : std::span(&pieces_, 1),
            sin_ == sin::speaks_behind_fin};
  }
  void consume_output(std::size_t n) { pieces_ = pieces_.subspan(n); }
  errc retain_output() { return errc::ok; }
  [[nodiscard]] instant deadline() const { return {deadline_}; }
  [[nodiscard]] bool wants_input() const { return true; }
  [[nodiscard]] drywire::ending ending() const { return ending_; }

 private:
  std::optional<event> next(mutable_bytes& rest, bool& told) {
    if (sin_ == sin::never_stops) return event{"again"};
    if (rest.empty())
      return std::exchange(ended_, false) ? std::optional(event{"end"}) : std::nullopt;
    if (std::exchange(told, true)) return std::nullopt;
    const const_bytes portion = rest;
    const std::size_t left = sin_ == sin::keeps_portions && portion.size() > 1 ? 1 : 0;
    rest = rest.last(left);
    switch (sin_) {
      case sin::tells_portions: return event{"portion"};
      case sin::answers_portions: pieces_ = text_bytes("!!!!").first(pieces_.size() + 1); break;
      case sin::borrows_for_good: pieces_ = portion; break;
      case sin::ends_early:
        if (portion.size() == 1) ending_ = drywire::ending::close;
        break;
      case sin::waits_for_portions: ++deadline_; break;
      default: break;
    }
    return event{"bytes", portion.first(portion.size() - left), true};
  }

  storage& memory_;
  sin sin_;
  mutable_bytes block_;
  const_bytes pieces_;
  std::int64_t deadline_ = 0;
  drywire::ending ending_ = drywire::ending::open;
  bool ended_ = false;
};

template <class Trace>
void normalise(const toy::event& e, Trace& trace) {
  if (e.piece) {
    trace.piece(e.name, e.bytes);
  } else {
    trace.event(e.name);
  }
}

testkit::split_report verify(sin s) {
  return verify_splits("abc", [s](storage& memory) { return toy(memory, s); });
}

bool tells(const testkit::split_report& report, std::string_view part) {
  INFO(report.text());
  CHECK(!report.equal());
  return report.text().find(part) != std::string::npos;
}

const auto make_line = [](storage& memory) { return line::connection(memory); };

}  // namespace

TEST_CASE("pieces cut elsewhere are the same pieces") {
  const auto report = verify(sin::none);
  INFO(report);
  CHECK(report.equal());
  CHECK(report.whole().events.lines() == std::vector<std::string>{R"(bytes "abc")", "end"});
}

TEST_CASE("an event that depends on the cut is found, and the report says where") {
  CHECK(tells(verify(sin::tells_portions),
              "cut at 1 (\"a\" | \"bc\"): event 2 differs\n  whole: end\n  cut:   portion"));
}

TEST_CASE("whatever else depends on the cut is found") {
  CHECK(tells(verify(sin::answers_portions), "output differs at byte 1"));
  CHECK(tells(verify(sin::ends_early), "ending differs: whole 0, cut 2"));
  CHECK(tells(verify(sin::waits_for_portions), "deadline differs: whole 1, cut 2"));
  CHECK(tells(verify(sin::keeps_portions), "differs"));
}

TEST_CASE("broken laws are found even if no cut makes a difference") {
  CHECK(tells(verify(sin::counts_wrongly), "consumed and remaining don't add up"));
  CHECK(tells(verify(sin::borrows_for_good), "output changed with the lent bytes"));
  CHECK(tells(verify(sin::leaks), "blocks outlived their machine"));
  CHECK(tells(verify(sin::never_stops), "endless events"));
  CHECK(tells(verify(sin::speaks_behind_fin), "output behind the fin"));
}

TEST_CASE("every way to cut is tried") {
  // Whole, two two-way splits, byte by byte, twenty random splits.
  CHECK(verify(sin::none).runs() == 1 + 2 + 1 + 20);
}

TEST_CASE("an application's memory begins anew with each run") {
  const auto report =
      verify_splits("one\ntwo\nthree\n", make_line,
                    [seen = 0](line::connection& connection, const line::event&) mutable {
                      CHECK(seen < 4);
                      if (++seen == 2) CHECK(connection.send(text_bytes("second")) == errc::ok);
                    });
  INFO(report);
  CHECK(report.equal());
  CHECK(report.whole().output == "second\n");
}

TEST_CASE("no way to cut a line makes a difference") {
  const auto echo = [](line::connection& connection, const line::event& event) {
    if (const auto* text = std::get_if<line::text>(&event)) {
      static_cast<void>(connection.send(text->bytes));
    } else if (std::holds_alternative<line::end>(event)) {
      static_cast<void>(connection.finish());
    }
  };
  using namespace std::string_literals;
  for (const std::string& input :
       {""s, "\n"s, "\r\n"s, "one\ntwo\r\n\nthree\n"s, "no end"s, "one\nbare\rCR\nmore\n"s,
        "one\nnul\0\nmore\n"s, "\r\r\n"s, std::string(300, 'x') + "\nmore\n",
        std::string(256, 'x') + "\n", "ok\n" + std::string(257, 'x')}) {
    const auto report = verify_splits(
        input,
        [](storage& memory) {
          line::limits limits;
          limits.line_bytes_max = 256;
          return line::connection(memory, limits);
        },
        echo);
    INFO(report);
    CHECK(report.equal());
  }
}
