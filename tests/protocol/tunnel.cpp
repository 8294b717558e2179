#include "../support/all_output.hpp"

#include <drywire/protocol/tunnel.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/testkit/trace.hpp>
#include <drywire/testkit/verify_splits.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace drywire;

namespace {

using lines = std::vector<std::string>;

// A tunnel, and what its driver would do, step by step.
struct fixture {
  explicit fixture(const tunnel::limits& l = {}) : tunnel(memory, l) {}

  lines receive(std::string_view bytes = {}) {
    kept += bytes;
    std::string lent = kept;
    lines told;
    auto cursor = tunnel.receive(std::as_writable_bytes(std::span(lent)));
    while (const auto event = cursor.next()) told.push_back(brief(*event));
    kept.assign(as_text(cursor.remaining()));
    CHECK(cursor.consumed() + kept.size() == lent.size());
    return told;
  }

  static std::string brief(const tunnel::event& event) {
    if (std::holds_alternative<tunnel::output_low>(event)) return "low";
    testkit::trace trace;
    normalise(event, trace);
    return trace.lines().at(0);
  }

  lines eof(bool clean = true) {
    tunnel.receive_eof(clean);
    return receive();
  }

  lines at(std::int64_t second) {
    tunnel.advance({instant{} + seconds(second), 0});
    return receive();
  }

  errc send(std::string_view text, lifetime life = lifetime::copied) {
    return tunnel.send(text_bytes(text), life);
  }

  // All output; "|" stands for the fin.
  std::string output() { return tests::all_output(tunnel, 100); }

  testkit::heap_storage memory;
  tunnel::connection tunnel;
  std::string kept;
};

}  // namespace

TEST_CASE("bytes go both ways, and nothing is held of those that come") {
  fixture f;
  CHECK(f.receive("abc") == lines{R"(data "abc")"});
  CHECK(f.memory.requests() == 0);
  CHECK(f.send("") == errc::ok);
  CHECK(f.tunnel.output(10).empty());
  CHECK(f.send("x") == errc::ok);
  CHECK(f.send("yz", lifetime::stable) == errc::ok);
  CHECK(f.tunnel.queued() == 3);
  CHECK(f.output() == "xyz");
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("either direction ends on its own, and the connection with both") {
  fixture f;
  CHECK(f.eof() == lines{"end"});
  CHECK(!f.tunnel.wants_input());
  CHECK(f.send("still") == errc::ok);
  CHECK(f.tunnel.ending() == ending::open);
  CHECK(f.tunnel.finish() == errc::ok);
  CHECK(f.tunnel.ending() == ending::close);
  CHECK(f.output() == "still|");
  CHECK(f.send("more") == errc::connection_gone);
  CHECK(f.eof(false).empty());
  CHECK(f.tunnel.ending() == ending::close);

  fixture g;
  CHECK(g.tunnel.finish() == errc::ok);
  CHECK(g.tunnel.finish() == errc::out_of_turn);
  CHECK(g.send("more") == errc::out_of_turn);
  CHECK(g.output() == "|");
  CHECK(g.receive("abc") == lines{R"(data "abc")"});
  CHECK(g.eof() == lines{"end"});
  CHECK(g.tunnel.ending() == ending::close);
  CHECK(g.output().empty());
}

TEST_CASE("while it is held nothing is told, and the bytes stay with the driver") {
  fixture f;
  f.at(0);
  CHECK(f.tunnel.hold() == errc::ok);
  CHECK(f.receive("abc").empty());
  CHECK(f.kept == "abc");
  CHECK(f.tunnel.deadline() == instant::never());
  CHECK(f.at(10'000).empty());
  CHECK(f.tunnel.resume() == errc::ok);
  CHECK(f.tunnel.deadline() == instant{} + seconds(10'600));
  CHECK(f.receive() == lines{R"(data "abc")"});

  CHECK(f.tunnel.hold() == errc::ok);
  CHECK(f.eof().empty());
  CHECK(f.tunnel.resume() == errc::ok);
  CHECK(f.receive() == lines{"end"});
}

TEST_CASE("output has a limit, and an event says when there is room again") {
  tunnel::limits l;
  l.output_bytes_max = 10;
  l.output_low_bytes = 4;
  fixture f(l);
  CHECK(f.send("12345678901") == errc::invalid_argument);
  CHECK(f.send("1234567890") == errc::ok);
  CHECK(f.send("1") == errc::would_exceed);
  CHECK(f.tunnel.queued() == 10);
  f.tunnel.consume_output(f.tunnel.output(5).size());
  CHECK(f.receive().empty());
  f.tunnel.consume_output(f.tunnel.output(1).size());
  CHECK(f.receive() == lines{"low"});
  CHECK(f.receive().empty());
  CHECK(f.send("stable bytes of any length", lifetime::stable) == errc::ok);
  CHECK(f.send("1") == errc::would_exceed);

  // Not before something has left: asking again at once would change nothing.
  l.output_low_bytes = 10;
  fixture g(l);
  CHECK(g.send("12345678") == errc::ok);
  CHECK(g.send("123") == errc::would_exceed);
  CHECK(g.receive().empty());
  g.tunnel.consume_output(g.tunnel.output(1).size());
  CHECK(g.receive() == lines{"low"});
}

TEST_CASE("without memory nothing is queued, and it can be wished for again") {
  fixture f;
  f.memory.refuse(1);
  CHECK(f.send("x") == errc::no_memory);
  CHECK(f.tunnel.queued() == 0);
  CHECK(f.send("x") == errc::ok);
}

TEST_CASE("bytes in either direction put the idle timeout off") {
  fixture f;
  f.at(0);
  CHECK(f.tunnel.deadline() == instant{} + seconds(600));
  f.at(100);
  f.receive("x");
  CHECK(f.tunnel.deadline() == instant{} + seconds(700));
  f.at(200);
  CHECK(f.send("y") == errc::ok);
  CHECK(f.tunnel.deadline() == instant{} + seconds(230));
  f.output();
  CHECK(f.tunnel.deadline() == instant{} + seconds(800));
  CHECK(f.at(800) == lines{R"(peer error what="idle timeout")"});
  CHECK(f.tunnel.ending() == ending::close);
  CHECK(f.tunnel.deadline() == instant::never());
  CHECK(f.output() == "|");
  CHECK(f.tunnel.hold() == errc::connection_gone);
}

TEST_CASE("to resume what isn't held changes nothing") {
  fixture f;
  f.at(0);
  f.at(10);
  CHECK(f.tunnel.resume() == errc::ok);
  CHECK(f.tunnel.deadline() == instant{} + seconds(600));
}

TEST_CASE("the time to write runs from byte to byte, and from the first time that is told") {
  fixture f;
  CHECK(f.send("abc") == errc::ok);
  CHECK(f.tunnel.deadline() == instant::never());
  f.at(0);
  CHECK(f.tunnel.deadline() == instant{} + seconds(30));
  f.at(10);
  f.tunnel.consume_output(f.tunnel.output(1).size());
  CHECK(f.tunnel.deadline() == instant{} + seconds(40));
  f.at(20);
  CHECK(f.send("d") == errc::ok);
  CHECK(f.tunnel.deadline() == instant{} + seconds(40));
}

TEST_CASE("a peer that doesn't read is reset, also behind both ends") {
  for (const bool ends : {false, true}) {
    fixture f;
    f.at(0);
    CHECK(f.send("abc") == errc::ok);
    if (ends) {
      CHECK(f.tunnel.finish() == errc::ok);
      CHECK(f.eof() == lines{"end"});
    }
    CHECK(f.at(29).empty());
    CHECK(f.at(30) == lines{R"(peer error what="write timeout")"});
    CHECK(f.tunnel.ending() == ending::reset);
    CHECK(f.output().empty());
    CHECK(f.memory.in_use() == 0);
  }
}

TEST_CASE("a transport that dies is told, whatever is kept, and nothing leaves") {
  fixture f;
  f.at(0);
  CHECK(f.tunnel.hold() == errc::ok);
  CHECK(f.receive("abc").empty());
  CHECK(f.send("x") == errc::ok);
  CHECK(f.eof(false) == lines{R"(peer error what="connection lost")"});
  CHECK(f.tunnel.ending() == ending::reset);
  CHECK(f.tunnel.deadline() == instant::never());
  CHECK(f.output().empty());
  CHECK(f.receive().empty());
  CHECK(f.tunnel.abort() == errc::connection_gone);

  fixture idle;
  idle.at(0);
  CHECK(idle.eof(false) == lines{R"(peer error what="connection lost")"});
  CHECK(idle.tunnel.deadline() == instant::never());
}

TEST_CASE("what was shown may be consumed behind a reset that dropped it") {
  fixture f;
  CHECK(f.send("x") == errc::ok);
  const std::size_t shown = f.tunnel.output(100).size();
  CHECK(f.tunnel.apply(tunnel::abort{}) == errc::ok);
  f.tunnel.consume_output(shown);
  CHECK(f.output().empty());
}

TEST_CASE("abort drops what is queued") {
  fixture f;
  f.at(0);
  CHECK(f.send("x") == errc::ok);
  CHECK(f.tunnel.apply(tunnel::abort{}) == errc::ok);
  CHECK(f.tunnel.ending() == ending::reset);
  CHECK(f.tunnel.deadline() == instant::never());
  CHECK(f.output().empty());
  CHECK(f.memory.in_use() == 0);
  CHECK(f.tunnel.apply(tunnel::send{text_bytes("x")}) == errc::connection_gone);
  CHECK(f.tunnel.apply(tunnel::finish{}) == errc::connection_gone);
}

TEST_CASE("a tunnel means the same however its bytes are cut") {
  const auto echo = [](tunnel::connection& t, const tunnel::event& e) {
    errc done = errc::ok;
    if (const auto* d = std::get_if<tunnel::data>(&e)) done = t.send(d->bytes, lifetime::lent);
    if (std::holds_alternative<tunnel::end>(e)) done = t.finish();
    CHECK(done == errc::ok);
  };
  const auto report = testkit::verify_splits(
      "some bytes, and some more", [](storage& memory) { return tunnel::connection(memory); },
      echo);
  INFO(report.text());
  CHECK(report.equal());
  CHECK(report.whole().output == "some bytes, and some more");
  CHECK(report.whole().ending == ending::close);
}
