#include <drywire/protocol/line.hpp>
#include <drywire/testkit/pair.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace drywire;
using lines = std::vector<std::string>;

namespace {

const auto ignore = [](line::connection&, const line::event&) {};

// Answers each line with itself, and the end with an end.
const auto echo = [](line::connection& connection, const line::event& event) {
  if (const auto* text = std::get_if<line::text>(&event)) {
    CHECK(connection.send(text->bytes) == errc::ok);
  } else if (std::holds_alternative<line::end>(event)) {
    CHECK(connection.finish() == errc::ok);
  }
};

struct fixture {
  testkit::heap_storage memory;
  line::connection client{memory};
  line::connection server{memory};
  testkit::pair<line::connection, decltype(ignore), line::connection, decltype(echo)> joined{
      client, ignore, server, echo};

  void say(std::string_view text) { REQUIRE(client.send(text_bytes(text)) == errc::ok); }
};

}  // namespace

TEST_CASE("two machines talk, and both directions end") {
  fixture f;
  SECTION("at once") {}
  SECTION("in portions of one byte through windows of one byte") {
    f.joined.first.window = f.joined.second.window = 1;
  }
  SECTION("in portions of three bytes") { f.joined.first.portion = f.joined.second.portion = 3; }
  f.say("hello");
  f.say("goodbye");
  f.joined.settle();
  CHECK(f.joined.first.events().lines() == lines{R"(line text="hello")", R"(line text="goodbye")"});
  CHECK(!f.joined.first.closed());
  REQUIRE(f.client.finish() == errc::ok);
  f.joined.settle();
  CHECK(f.joined.second.events().lines().back() == "end");
  CHECK(f.joined.first.events().lines().back() == "end");
  CHECK(f.joined.first.closed());
  CHECK(f.joined.second.closed());
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("a peer that stops reading holds the other back, and no more than its window moves") {
  fixture f;
  f.joined.second.reading = false;
  f.joined.second.window = 10;
  for (int i = 0; i < 10; ++i) f.say("hello");
  f.joined.settle();
  CHECK(f.joined.second.arriving() == 10);
  CHECK(f.joined.second.events().lines().empty());
  f.joined.second.reading = true;
  f.joined.settle();
  CHECK(f.joined.first.events().lines() == lines(10, R"(line text="hello")"));
}

TEST_CASE("a way ends, breaks or falls silent behind so many bytes") {
  fixture f;
  f.joined.second.bytes_left = 9;
  std::string last = R"(line text="hello")";
  bool breaks = false;
  SECTION("ends") {
    f.joined.second.fate = testkit::way::ends;
    last = R"(peer error what="truncated")";
  }
  SECTION("breaks") {
    f.joined.second.fate = testkit::way::breaks;
    last = R"(peer error what="connection lost")";
    breaks = true;
  }
  SECTION("falls silent") { f.joined.second.fate = testkit::way::falls_silent; }
  f.joined.second.portion = 1;
  f.say("hello");
  f.joined.settle();
  f.say("again");
  f.joined.settle();
  CHECK(f.joined.second.events().lines().back() == last);
  CHECK(f.joined.first.closed() == breaks);
  f.joined.pass(seconds(120));
  CHECK(f.joined.second.closed());
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("an hour of lines keeps a connection, a minute of silence doesn't") {
  fixture f;
  for (int i = 0; i < 120; ++i) {
    f.say("still here");
    f.joined.pass(seconds(30));
  }
  CHECK(f.joined.first.events().lines().size() == 120);
  CHECK(f.joined.clock() == instant{} + seconds(3601));
  f.joined.pass(seconds(60));
  CHECK(f.joined.first.events().lines().back() == R"(peer error what="idle timeout")");
  CHECK(f.joined.second.events().lines().back() == R"(peer error what="idle timeout")");
  CHECK(f.joined.first.closed());
  CHECK(f.joined.second.closed());
  CHECK(f.memory.in_use() == 0);
}
