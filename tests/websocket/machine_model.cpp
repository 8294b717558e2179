// Everything at random, in both roles: what comes, in any portions, what is wished for, how much
// leaves, and which block can't be had; with a naive model beside it that knows what each of these
// has to come to.

#include "fixture.hpp"
#include "naive_reader.hpp"
#include "random_peer.hpp"
#include "wire_frame.hpp"

#include <drywire/deflate/deflater.hpp>

#include <array>
#include <deque>
#include <list>
#include <optional>

using namespace websocket_test;
using tests::zlib_receiver;

namespace {

constexpr std::size_t pongs_max = 16;
constexpr std::size_t pings_max = 20;

websocket::limits small_limits() {
  websocket::limits l;
  l.message_bytes_max = 2000;
  l.fragments_max = 6;
  l.fragment_free_bytes = 30;
  l.pings_unanswered_max = pings_max;
  l.output_bytes_max = 3000;
  l.output_low_bytes = 500;
  return l;
}

std::string code_bytes(unsigned code) { return code == 1005 ? "" : status(code); }

struct setup {
  explicit setup(std::uint64_t seed)
      : numbers(seed),
        side(seed % 2 == 0 ? role::server : role::client),
        deflates(numbers.below(3) != 0),
        takeover(numbers.below(2) == 0) {
    if (deflates) tools.deflate = websocket::deflate_parameters{!takeover, !takeover, 15, 15};
    tools.compression.own_context = tools.compression.peer_context = takeover;
    tools.deflate_memory = &deflate_memory;
    block_bytes = std::array<std::size_t, 3>{512, 1000, 4096}[numbers.below(3)];
  }

  testkit::random numbers;
  role side;
  bool deflates;
  bool takeover;
  std::size_t block_bytes;
  testkit::heap_storage deflate_memory{deflate::deflate_block_bytes()};
  websocket::tools tools;
};

class model : setup {
 public:
  explicit model(std::uint64_t seed) : setup(seed) {}

  void step() {
    switch (numbers.below(10)) {
      case 0:
      case 1:
      case 2: return read();
      case 3:
      case 4:
      case 5: return numbers.below(8) == 0 ? wish_without_memory() : wish();
      case 6:
        if (numbers.below(40) == 0) refuse();
        return;
      default: return write();
    }
  }

  // The peer goes, and all that is left leaves.
  void end() {
    f.memory.refuse(0);
    if (!over_) REQUIRE(f.machine.resume() == errc::ok);
    held_ = false;
    while (!over_ && !f.kept.empty()) offer();
    f.machine.receive_eof(true);
    ended_ = true;
    for (int i = 0; i < 100 && !over_; ++i) offer();
    REQUIRE(over_);
    for (int i = 0; i < 10'000 && !f.machine.output(1).empty(); ++i) write();
    CHECK(f.machine.ending() == (reset_ ? ending::reset : ending::close));
    CHECK(f.machine.queued() == 0);
    CHECK((reset_ || (expected_.empty() && written_.empty())));
    CHECK(f.memory.in_use() == 0);
    CHECK(deflate_memory.in_use() == 0);
  }

 private:
  struct expected_frame {
    unsigned first_byte;
    std::string payload;
    bool perhaps = false;  // a pong that there may be no memory for
  };

  // What comes.

  void read() {
    while (wire_.size() < 300) wire_ += peer_.frame();
    const std::size_t n = numbers.below(4) == 0 ? 1 : numbers.below(wire_.size() + 1);
    const std::string bytes = wire_.substr(0, n);
    wire_.erase(0, n);
    reader_.read(bytes);
    f.kept += bytes;
    offer();
  }

  void offer() {
    const auto lent = std::make_unique<std::byte[]>(f.kept.size());
    const mutable_bytes span(lent.get(), f.kept.size());
    std::ranges::copy(text_bytes(f.kept), span.begin());
    auto cursor = f.machine.receive(span);
    bool dropped = false;
    while (!dropped) {
      const auto event = cursor.next();
      if (!event) break;
      answer_late_ping();
      on_event(*event);
      dropped = numbers.below(40) == 0;
    }
    if (!over_) answer_late_ping();
    f.kept.assign(as_text(cursor.remaining()));
    // Until it is refused a block it tells all that there is to tell.
    if (!dropped && !held_ && !over_) CHECK((f.kept.empty() && reader_.told.empty()));
    if (f.machine.retain_output() != errc::ok) {
      REQUIRE(refuses_);
      REQUIRE(f.machine.abort() == errc::ok);
      be_over(true);
    }
    std::ranges::fill(span, std::byte{0xDD});
  }

  void on_event(const websocket::event& event) {
    REQUIRE_FALSE(over_);
    if (std::holds_alternative<websocket::output_low>(event)) {
      REQUIRE(f.machine.queued() <= 500);
    } else if (const auto* m = std::get_if<websocket::message>(&event)) {
      on_message(*m);
    } else if (const auto* asked = std::get_if<websocket::ping>(&event)) {
      expect_told("ping " + std::string(as_text(asked->payload)));
      REQUIRE(++pings_ <= pings_max);
      late_ping_ = as_text(asked->payload);
      if (pongs_ < pongs_max) queue_pong(*std::exchange(late_ping_, std::nullopt));
    } else if (const auto* answered = std::get_if<websocket::pong>(&event)) {
      expect_told("pong " + std::string(as_text(answered->payload)));
    } else if (const auto* end = std::get_if<websocket::closed>(&event)) {
      expect_told("closed " + std::to_string(end->code) + ' ' + std::string(end->reason));
      if (!closing_) expected_.push_back({closing, code_bytes(end->code)});
      be_over(false);
    } else {
      on_error(std::get<websocket::peer_error>(event).what);
    }
  }

  void on_message(const websocket::message& m) {
    REQUIRE_FALSE(held_);
    const std::string name = m.kind == kind::text ? "text" : "binary";
    for (const char c : as_text(m.bytes)) expect_told(name + ": " + c);
    if (m.last) expect_told(name + " end");
    if (numbers.below(4) != 0 || open_) return;
    // What isn't the end of a text may end inside a character.
    const std::string bytes(as_text(m.bytes));
    const std::size_t queued = f.machine.queued();
    const errc done = f.machine.send(kind::binary, m.bytes, lifetime::lent);
    if (judge(done, bytes.size(), queued)) expected_.push_back({binary, bytes});
    CHECK(as_text(m.bytes) == bytes);
  }

  void on_error(fault what) {
    const bool ours = what == fault::no_memory && refuses_;
    const bool flood = what == fault::too_many_pings && pings_ == pings_max;
    const bool left = what == fault::connection_lost && ended_ && reader_.told.empty();
    if (!ours && !flood && !left) expect_told("wrong " + std::string(to_string(what)));
    const unsigned code = close_code_of(what);
    if (code != 0 && !closing_) expected_.push_back({closing, status(code)});
    be_over(false);
  }

  void expect_told(const std::string& what) {
    REQUIRE_FALSE(reader_.told.empty());
    REQUIRE(reader_.told.front() == what);
    reader_.told.pop_front();
  }

  void be_over(bool reset) {
    over_ = true;
    reset_ = reset_ || reset;
    late_ping_.reset();
  }

  void queue_pong(const std::string& payload, bool perhaps = false) {
    expected_.push_back({pong, payload, perhaps});
    ++pongs_;
  }

  // The newest of the pings that came while many pongs hadn't left.
  void answer_late_ping() {
    if (pongs_ == 0 && late_ping_) queue_pong(*std::exchange(late_ping_, std::nullopt), refuses_);
  }

  // What is wished for.

  void wish() {
    if (over_) return wish_in_vain();
    const std::string bytes = peer_.text_of(numbers.below(4) == 0 ? numbers.below(3500) : 100);
    const auto life = numbers.below(2) == 0 ? lifetime::copied : lifetime::stable;
    const const_bytes stable = text_bytes(stable_.emplace_back(bytes));
    const bool counts = life == lifetime::copied || side == role::client;
    const std::size_t counted = counts ? bytes.size() : 0;
    const std::size_t queued = f.machine.queued();
    const unsigned begin = begun_ ? 0U : 1U;
    switch (numbers.below(10)) {
      case 0:
      case 1:
      case 2:
        if (judge(f.machine.send(kind::text, stable, life), counted, queued, !open_)) {
          expected_.push_back({text, bytes});
        }
        return;
      case 3:
        if (judge(f.machine.start_message(kind::text), 0, queued, !open_)) open_ = true;
        return;
      case 4:
      case 5:
        if (bytes.empty()) return;
        if (judge(f.machine.send_piece(stable, life), counted, queued, open_)) {
          expected_.push_back({begin, bytes});
          begun_ = true;
        }
        return;
      case 6:
        if (judge(f.machine.finish_message(), 0, 0, open_)) {
          expected_.push_back({begin | 0x80U, ""});
          open_ = begun_ = false;
        }
        return;
      case 7:
        if (judge(f.machine.send_ping(text_bytes("ours")), 4, queued)) {
          expected_.push_back({ping, "ours"});
        }
        return;
      case 8: return hold_or_resume();
      default:
        if (numbers.below(40) == 0 && judge(f.machine.close(1000, "bye"), 0, 0)) {
          expected_.push_back({closing, status(1000, "bye")});
          closing_ = true;
        }
    }
  }

  void wish_without_memory() {
    const bool before = refuses_;
    refuse();
    wish();
    f.memory.refuse(0);
    deflate_memory.refuse(0);
    refuses_ = before;
  }

  void wish_in_vain() {
    CHECK(f.machine.send(kind::text, {}) == errc::connection_gone);
    CHECK(f.machine.finish_message() == errc::connection_gone);
    CHECK(f.machine.close() == errc::connection_gone);
    CHECK(f.machine.hold() == errc::connection_gone);
  }

  void hold_or_resume() {
    held_ = numbers.below(3) == 0;
    CHECK((held_ ? f.machine.hold() : f.machine.resume()) == errc::ok);
  }

  // Whether it was granted; REQUIREs that it was answered as it has to be.
  bool judge(errc answer, std::size_t bytes, std::size_t queued, bool in_turn = true) {
    const std::size_t most = small_limits().output_bytes_max;
    const auto expected = [&] {
      if (closing_ || !in_turn) return errc::out_of_turn;
      if (bytes > most) return errc::invalid_argument;
      return queued + bytes > most ? errc::would_exceed : errc::ok;
    }();
    if (answer == errc::no_memory && refuses_) return false;
    REQUIRE(answer == expected);
    return answer == errc::ok;
  }

  void refuse() {
    refuses_ = true;
    (numbers.below(2) == 0 ? f.memory : deflate_memory).refuse(1 + numbers.below(4));
  }

  // What leaves.

  void write() {
    const std::size_t n = std::array<std::size_t, 4>{1, 7, 300, 100'000}[numbers.below(4)];
    const output_view view = f.machine.output(n);
    std::string shown;
    for (const const_bytes piece : view.pieces) shown += as_text(piece);
    REQUIRE((view.fin || !shown.empty() || f.machine.queued() == 0));
    const std::size_t taken = numbers.below(2) == 0 ? shown.size() : numbers.below(n + 1);
    const std::size_t left = std::min(taken, shown.size());
    f.machine.consume_output(left);
    written_ += shown.substr(0, left);
    std::string_view rest = written_;
    while (const auto frame = take_frame(rest)) check(*frame);
    written_.erase(0, written_.size() - rest.size());
    offer();
  }

  void check(const wire_frame& frame) {
    REQUIRE_FALSE(expected_.empty());
    if (expected_.front().perhaps && frame.first_byte != pong) expected_.pop_front();
    REQUIRE_FALSE(expected_.empty());
    const expected_frame expected = std::move(expected_.front());
    expected_.pop_front();
    REQUIRE((frame.first_byte & ~rsv1) == expected.first_byte);
    CHECK(frame.masked == (side == role::client));
    CHECK(frame.length_minimal);
    if (!frame.control() && frame.opcode() != 0) inflates_ = frame.rsv() == rsv1;
    REQUIRE((frame.rsv() == 0 || (inflates_ && !frame.control() && frame.opcode() != 0)));
    if (frame.control() || !inflates_) {
      REQUIRE(frame.payload == expected.payload);
    } else if (frame.fin()) {
      REQUIRE(inflater_.receive(frame.payload) == expected.payload);
    } else {
      REQUIRE(inflater_.feed(frame.payload) == expected.payload);
    }
    if (frame.first_byte == pong && ++pongs_left_ == pongs_) pings_ = pongs_ = pongs_left_ = 0;
  }

  fixture f{side, small_limits(), tools, block_bytes};
  random_peer peer_{side == role::server, deflates, takeover, numbers};
  naive_reader reader_{{side == role::server, deflates, takeover, small_limits()}};
  zlib_receiver inflater_{15, takeover};
  std::string wire_;
  std::string written_;  // of a frame that hasn't left whole
  std::deque<expected_frame> expected_;
  std::list<std::string> stable_;
  std::optional<std::string> late_ping_;
  std::size_t pings_ = 0;
  std::size_t pongs_ = 0;       // queued since all of them had left
  std::size_t pongs_left_ = 0;  // ... of these
  bool open_ = false;           // our message
  bool begun_ = false;          // ... of which a frame was queued
  bool inflates_ = false;
  bool held_ = false;
  bool closing_ = false;
  bool ended_ = false;
  bool over_ = false;
  bool reset_ = false;
  bool refuses_ = false;
};

}  // namespace

TEST_CASE("websocket: whatever comes, leaves and is wished for agrees with a naive model") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    model m(seed);
    for (int i = 0; i < 400; ++i) m.step();
    m.end();
  }
}
