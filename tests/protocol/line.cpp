#include "../support/all_output.hpp"

#include <drywire/protocol/line.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/testkit/trace.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace drywire;
using testkit::heap_storage;

namespace {

using lines = std::vector<std::string>;

// A connection, and what its driver would do, step by step.
struct fixture {
  explicit fixture(const line::limits& l = {}, std::size_t block = 4096)
      : memory(block), connection(memory, l) {}

  // The events of these bytes, as text. All bytes are taken.
  lines receive(std::string_view bytes) {
    std::string lent(bytes);
    testkit::trace trace;
    auto cursor = connection.receive(std::as_writable_bytes(std::span(lent)));
    while (const auto event = cursor.next()) normalise(*event, trace);
    CHECK(cursor.consumed() == bytes.size());
    CHECK(cursor.remaining().empty());
    return trace.lines();
  }

  lines eof(bool clean = true) {
    connection.receive_eof(clean);
    return receive("");
  }

  lines at(std::int64_t second) {
    connection.advance({instant{} + seconds(second), 0});
    return receive("");
  }

  errc send(std::string_view text) { return connection.send(text_bytes(text)); }

  // All output; "|" stands for the fin.
  std::string output() { return tests::all_output(connection, 100); }

  heap_storage memory;
  line::connection connection;
};

line::limits short_lines() {
  line::limits l;
  l.line_bytes_max = 8;
  l.linger_bytes_max = 10;
  return l;
}

// After a peer error: no event, no wish, nothing but the fin.
void check_closed(fixture& f) {
  CHECK(f.receive("more\nlines\n").empty());
  CHECK(f.send("hello") == errc::connection_gone);
  CHECK(f.connection.finish() == errc::connection_gone);
  CHECK(f.eof().empty());
  CHECK(f.at(1000000).empty());
  CHECK(!f.connection.wants_input());
  CHECK(f.connection.deadline() == instant::never());
  CHECK(f.memory.in_use() == 0);
}

}  // namespace

TEST_CASE("lines come one at a time, without their ends") {
  fixture f;
  CHECK(f.receive("one\ntwo\r\n\n") ==
        lines{R"(line text="one")", R"(line text="two")", R"(line text="")"});
  CHECK(f.memory.requests() == 0);
}

TEST_CASE("a whole line is seen in the lent bytes themselves") {
  fixture f;
  std::string lent = "hello\n";
  auto cursor = f.connection.receive(std::as_writable_bytes(std::span(lent)));
  const auto event = cursor.next();
  REQUIRE(event);
  CHECK(as_text(std::get<line::text>(*event).bytes).data() == lent.data());
}

TEST_CASE("a cut line is joined in a block, which goes when the line was read") {
  fixture f;
  CHECK(f.receive("hel").empty());
  CHECK(f.memory.in_use() == 1);
  CHECK(f.receive("lo").empty());
  CHECK(f.receive(" world\r") == lines{});
  CHECK(f.receive("\nnext\n") == lines{R"(line text="hello world")", R"(line text="next")"});
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("a cursor dropped between two lines loses nothing") {
  fixture f;
  std::string lent = "one\ntwo\n";
  auto first = f.connection.receive(std::as_writable_bytes(std::span(lent)));
  REQUIRE(first.next());
  CHECK(first.consumed() == 4);
  CHECK(as_text(first.remaining()) == "two\n");
  CHECK(f.receive(as_text(first.remaining())) == lines{R"(line text="two")"});
}

TEST_CASE("lines leave with LF behind each, and the fin behind all") {
  fixture f;
  REQUIRE(f.send("one") == errc::ok);
  REQUIRE(f.connection.apply(line::send{text_bytes("two")}) == errc::ok);
  REQUIRE(f.connection.apply(line::finish{}) == errc::ok);
  CHECK(f.output() == "one\ntwo\n|");
  CHECK(f.memory.in_use() == 0);
  CHECK(f.connection.ending() == ending::open);
}

TEST_CASE("the fin shows only with the last byte, and is taken only when it was shown") {
  fixture f;
  REQUIRE(f.send("one") == errc::ok);
  CHECK(!f.connection.output(4).fin);
  REQUIRE(f.connection.finish() == errc::ok);
  f.connection.consume_output(4);
  CHECK(!f.connection.output(100).empty());
  CHECK(f.connection.output(100).fin);
  f.connection.consume_output(0);
  CHECK(f.connection.output(100).empty());
}

TEST_CASE("a line that would be read as something else is refused") {
  fixture f;
  CHECK(f.send("two\nlines") == errc::invalid_argument);
  CHECK(f.send("bare\rreturn") == errc::invalid_argument);
  CHECK(f.send(std::string_view("nul\0", 4)) == errc::invalid_argument);
  CHECK(f.output().empty());
  CHECK(f.memory.requests() == 0);
}

TEST_CASE("output has a limit, and room again once it was written") {
  line::limits l;
  l.output_bytes_max = 10;
  fixture f(l);
  REQUIRE(f.send("12345678") == errc::ok);
  CHECK(f.send("9") == errc::would_exceed);
  CHECK(f.send("") == errc::ok);
  CHECK(f.output() == "12345678\n\n");
  CHECK(f.send("123456789") == errc::ok);
}

TEST_CASE("without memory a line isn't queued in part") {
  fixture f({}, 256);
  f.memory.cap(1);
  std::size_t sent = 0;
  while (f.send("0123456789") == errc::ok) ++sent;
  CHECK(f.send("0123456789") == errc::no_memory);
  CHECK(f.output().size() == 11 * sent);
}

TEST_CASE("both directions end on their own, then the connection is over") {
  SECTION("the peer first") {
    fixture f;
    CHECK(f.eof() == lines{"end"});
    CHECK(f.connection.ending() == ending::open);
    CHECK(!f.connection.wants_input());
    CHECK(f.send("still here") == errc::ok);
    CHECK(f.connection.finish() == errc::ok);
    CHECK(f.connection.ending() == ending::close);
    CHECK(f.output() == "still here\n|");
  }
  SECTION("ours first") {
    fixture f;
    CHECK(f.connection.finish() == errc::ok);
    CHECK(f.connection.finish() == errc::out_of_turn);
    CHECK(f.send("late") == errc::out_of_turn);
    CHECK(f.receive("reply\n") == lines{R"(line text="reply")"});
    CHECK(f.eof() == lines{"end"});
    CHECK(f.connection.ending() == ending::close);
  }
}

TEST_CASE("a FIN counts behind the bytes that came before it") {
  fixture f;
  std::string lent = "one\ntwo\n";
  auto cursor = f.connection.receive(std::as_writable_bytes(std::span(lent)));
  REQUIRE(cursor.next());
  f.connection.receive_eof(true);
  CHECK(std::holds_alternative<line::text>(*cursor.next()));
  CHECK(std::holds_alternative<line::end>(*cursor.next()));
  CHECK(!cursor.next());
}

TEST_CASE("a line longer than its limit is a peer error, however it comes") {
  for (const std::size_t cut : {0U, 1U, 8U, 9U}) {
    fixture f(short_lines());
    const std::string input = "12345678\n123456789\n";
    lines all = f.receive(input.substr(0, 9 + cut));
    for (const std::string& l : f.receive(input.substr(9 + cut))) all.push_back(l);
    CHECK(all == lines{R"(line text="12345678")", R"(peer error what="line too long")"});
    CHECK(f.connection.ending() == ending::draining);
    CHECK(f.output() == "|");
    check_closed(f);
  }
}

TEST_CASE("a block smaller than the line limit lowers the limit") {
  fixture f({}, 256);
  CHECK(f.receive(std::string(256, 'x') + "\n").size() == 1);
  CHECK(f.receive(std::string(256, 'x')).empty());
  CHECK(f.receive("x") == lines{R"(peer error what="line too long")"});
}

TEST_CASE("NUL and a bare CR are peer errors") {
  for (const std::string_view bad :
       {std::string_view("a\0b\n", 4), std::string_view("a\rb\n"), std::string_view("a\r\r\n")}) {
    fixture f;
    CHECK(f.receive(bad) == lines{R"(peer error what="forbidden byte")"});
    check_closed(f);
  }
}

TEST_CASE("a half-close inside a line is a peer error") {
  fixture f;
  REQUIRE(f.send("reply") == errc::ok);
  CHECK(f.receive("hel").empty());
  CHECK(f.eof() == lines{R"(peer error what="truncated")"});
  CHECK(f.connection.ending() == ending::close);
  CHECK(f.output() == "reply\n|");
  check_closed(f);
}

TEST_CASE("a lost transport is told, ends in a reset, and takes the output with it") {
  fixture f;
  REQUIRE(f.send("reply") == errc::ok);
  CHECK(f.eof(false) == lines{R"(peer error what="connection lost")"});
  CHECK(f.connection.ending() == ending::reset);
  CHECK(f.output().empty());
  check_closed(f);
}

TEST_CASE("a transport lost behind a peer error takes the output with it") {
  fixture f;
  REQUIRE(f.send("reply") == errc::ok);
  CHECK(f.receive("a\rb\n") == lines{R"(peer error what="forbidden byte")"});
  const std::size_t shown = f.connection.output(100).size();
  CHECK(f.eof(false).empty());
  f.connection.consume_output(shown);
  CHECK(f.connection.ending() == ending::reset);
  CHECK(f.output().empty());
  check_closed(f);
}

TEST_CASE("a fault in the last bytes of a lost transport doesn't make its end orderly") {
  fixture f;
  REQUIRE(f.send("reply") == errc::ok);
  std::string lent = "a\rb\n";
  auto cursor = f.connection.receive(std::as_writable_bytes(std::span(lent)));
  f.connection.receive_eof(false);
  CHECK(std::get<line::peer_error>(*cursor.next()).what == line::fault::forbidden_byte);
  CHECK(f.connection.ending() == ending::reset);
  CHECK(f.output().empty());
}

TEST_CASE("a transport lost behind both ends counts only while output is queued") {
  fixture f;
  REQUIRE(f.send("reply") == errc::ok);
  REQUIRE(f.connection.finish() == errc::ok);
  CHECK(f.eof() == lines{"end"});
  SECTION("queued") { CHECK(f.eof(false) == lines{R"(peer error what="connection lost")"}); }
  SECTION("written") {
    CHECK(f.output() == "reply\n|");
    CHECK(f.eof(false).empty());
    CHECK(f.connection.ending() == ending::close);
  }
}

TEST_CASE("no block for a part of a line ends the connection") {
  fixture f;
  f.memory.cap(0);
  CHECK(f.receive("whole\n").size() == 1);
  CHECK(f.receive("par") == lines{R"(peer error what="no memory")"});
  check_closed(f);
}

TEST_CASE("without advance there are no deadlines") {
  fixture f;
  CHECK(f.connection.deadline() == instant::never());
  CHECK(f.receive("line\npart").size() == 1);
  CHECK(f.connection.deadline() == instant::never());
}

TEST_CASE("only a whole line puts the idle deadline off") {
  fixture f;
  CHECK(f.at(10).empty());
  CHECK(f.connection.deadline() == instant{} + seconds(70));
  CHECK(f.at(69).empty());
  CHECK(f.receive("part").empty());
  CHECK(f.connection.deadline() == instant{} + seconds(70));
  CHECK(f.receive(" and end\n").size() == 1);
  CHECK(f.connection.deadline() == instant{} + seconds(129));
  CHECK(f.at(129) == lines{R"(peer error what="idle timeout")"});
  check_closed(f);
}

TEST_CASE("a deadline that passed comes before the bytes that are offered after it") {
  fixture f;
  CHECK(f.at(0).empty());
  f.connection.advance({instant{} + seconds(60), 0});
  CHECK(f.receive("too late\n") == lines{R"(peer error what="idle timeout")"});
}

TEST_CASE("behind the peer's end nobody waits for a line") {
  fixture f;
  const bool told_before = GENERATE(true, false);
  if (told_before) CHECK(f.at(0).empty());
  CHECK(f.eof() == lines{"end"});
  CHECK(f.at(1).empty());
  CHECK(f.connection.deadline() == instant::never());
  CHECK(f.at(100000).empty());
}

TEST_CASE("input is eaten behind a peer error, for a time and for a length") {
  fixture f(short_lines());
  CHECK(f.at(0).empty());
  CHECK(f.receive("123456789").size() == 1);
  CHECK(f.connection.ending() == ending::draining);
  CHECK(f.connection.wants_input());
  CHECK(f.connection.deadline() == instant{} + seconds(2));
  SECTION("time") { CHECK(f.at(2).empty()); }
  SECTION("length") {
    CHECK(f.receive("0123456789").empty());
    CHECK(f.connection.ending() == ending::draining);
    CHECK(f.receive("0").empty());
  }
  SECTION("the peer's end") { CHECK(f.eof().empty()); }
  CHECK(f.connection.ending() == ending::close);
  CHECK(f.connection.deadline() == instant::never());
}

TEST_CASE("the clock never runs backwards inside") {
  fixture f;
  CHECK(f.at(100).empty());
  CHECK(f.at(50).empty());
  CHECK(f.receive("line\n").size() == 1);
  CHECK(f.connection.deadline() == instant{} + seconds(160));
}

// Each request for a block fails once, in a life that needs several: a peer error or a refused
// wish, but no crash, no block lost and no line sent in part.
TEST_CASE("running out of memory at any moment is an ordinary answer") {
  std::size_t requests = 0;
  for (std::size_t refused = 0; refused == 0 || refused <= requests; ++refused) {
    fixture f({}, 256);
    f.memory.refuse(refused);
    bool told = false;
    std::size_t whole_lines = 0;
    for (const std::string_view part : {"one\ntw", "o\nthr", "ee", "\nfour\n"}) {
      for (const std::string& event : f.receive(part)) told = told || event.starts_with("peer");
      for (int i = 0; i < 5; ++i)
        whole_lines += f.send("0123456789 0123456789") == errc::ok ? 1U : 0U;
    }
    if (refused < 2) CHECK(told == (refused == 1));  // the first block is for "tw"
    CHECK(f.connection.ending() == (told ? ending::draining : ending::open));
    CHECK(f.output().size() == 22 * whole_lines + (told ? 1 : 0));
    f.eof();
    if (refused == 0) requests = f.memory.requests();
    CHECK(f.memory.in_use() == 0);
  }
  CHECK(requests >= 4);
}
