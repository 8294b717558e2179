#include <drywire/protocol/output_queue.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <deque>
#include <random>
#include <string>

using namespace drywire;
using testkit::heap_storage;

namespace {

std::string text_of(std::span<const const_bytes> pieces) {
  std::string all;
  for (const_bytes piece : pieces) all += as_text(piece);
  return all;
}

// Everything in the queue, taken in steps of at most n bytes.
std::string drain(output_queue& queue, std::size_t n = 1000000) {
  std::string all;
  while (!queue.empty()) {
    const std::string step = text_of(queue.output(n));
    REQUIRE(!step.empty());
    REQUIRE(step.size() <= n);
    all += step;
    queue.consume(step.size());
  }
  return all;
}

const std::string long_a(100, 'a');
const std::string long_b(200, 'b');

}  // namespace

TEST_CASE("an idle queue is small and holds no block") {
  heap_storage memory(512);
  output_queue queue(memory);
  CHECK(sizeof(queue) <= 5 * sizeof(void*));
  CHECK(queue.empty());
  CHECK(queue.output(100).empty());
  CHECK(memory.requests() == 0);

  REQUIRE(queue.copy(text_bytes("hello")) == errc::ok);
  CHECK(memory.in_use() == 1);
  queue.consume(5);
  CHECK(memory.in_use() == 0);
}

TEST_CASE("copied bytes join into one piece for each block") {
  heap_storage memory(512);
  output_queue queue(memory);
  std::string expected;
  while (memory.in_use() < 4) {
    REQUIRE(queue.copy(text_bytes("0123456789")) == errc::ok);
    expected += "0123456789";
  }
  CHECK(queue.size() == expected.size());
  CHECK(queue.output(1000000).size() == 4);
  CHECK(drain(queue) == expected);
}

// The arithmetic of docs/protocol-contract.md.
TEST_CASE("a block holds all but 120 bytes of itself, whatever the size of the copies") {
  for (const std::size_t block : {256U, 1000U, 4096U}) {
    for (const std::size_t piece : {1U, 7U, 500U}) {
      heap_storage memory(block);
      output_queue queue(memory);
      std::size_t queued = 0;
      while (queued < 10000) {
        REQUIRE(queue.copy(text_bytes(std::string(piece, 'x'))) == errc::ok);
        queued += piece;
        CHECK(memory.in_use() == (queued + block - 121) / (block - 120));
      }
    }
  }
}

TEST_CASE("records keep their order among copies and are not copied") {
  heap_storage memory(512);
  output_queue queue(memory);
  REQUIRE(queue.copy(text_bytes("head ")) == errc::ok);
  REQUIRE(queue.lend(text_bytes(long_a)) == errc::ok);
  REQUIRE(queue.copy(text_bytes(" middle ")) == errc::ok);
  REQUIRE(queue.keep(text_bytes(long_b)) == errc::ok);
  const auto pieces = queue.output(1000000);
  REQUIRE(pieces.size() == 4);
  CHECK(as_text(pieces[1]).data() == long_a.data());
  CHECK(as_text(pieces[3]).data() == long_b.data());
  CHECK(drain(queue) == "head " + long_a + " middle " + long_b);
}

TEST_CASE("a short record is copied, for a copy costs less") {
  heap_storage memory(512);
  output_queue queue(memory);
  std::string word = "short";
  REQUIRE(queue.lend(text_bytes(word)) == errc::ok);
  CHECK(!queue.borrows());
  word = "gone!";
  CHECK(drain(queue) == "short");
}

TEST_CASE("output stops at the asked length and resumes inside a piece") {
  heap_storage memory(512);
  output_queue queue(memory);
  REQUIRE(queue.copy(text_bytes("0123456789")) == errc::ok);
  REQUIRE(queue.keep(text_bytes(long_a)) == errc::ok);
  CHECK(text_of(queue.output(4)) == "0123");
  queue.consume(3);
  CHECK(text_of(queue.output(8)) == "3456789a");
  CHECK(queue.size() == 107);
}

TEST_CASE("no more is consumed than there is, and that is told") {
  heap_storage memory(512);
  output_queue queue(memory);
  CHECK(queue.consume(1) == 0);
  REQUIRE(queue.copy(text_bytes("0123")) == errc::ok);
  CHECK(queue.consume(3) == 3);
  CHECK(queue.consume(3) == 1);
  CHECK(queue.empty());
}

TEST_CASE("retain copies what is lent and nothing else") {
  heap_storage memory(512);
  output_queue queue(memory);
  std::string lent = long_a;
  REQUIRE(queue.copy(text_bytes("head ")) == errc::ok);
  REQUIRE(queue.keep(text_bytes(long_b)) == errc::ok);
  REQUIRE(queue.lend(text_bytes(lent)) == errc::ok);
  REQUIRE(queue.copy(text_bytes(" tail")) == errc::ok);
  CHECK(queue.borrows());
  REQUIRE(queue.retain() == errc::ok);
  CHECK(!queue.borrows());
  lent.assign(lent.size(), '!');
  CHECK(as_text(queue.output(1000)[1]).data() == long_b.data());
  REQUIRE(queue.copy(text_bytes(" more")) == errc::ok);
  CHECK(drain(queue) == "head " + long_b + long_a + " tail more");
  CHECK(memory.in_use() == 0);
}

TEST_CASE("retain without memory changes nothing, and works once there is some") {
  heap_storage memory(256);
  output_queue queue(memory);
  std::string lent(1000, 'x');
  REQUIRE(queue.lend(text_bytes(lent)) == errc::ok);
  REQUIRE(queue.copy(text_bytes(long_a)) == errc::ok);
  const std::size_t before = memory.in_use();
  memory.refuse(3);
  CHECK(queue.retain() == errc::no_memory);
  CHECK(queue.borrows());
  CHECK(memory.in_use() == before);
  REQUIRE(queue.retain() == errc::ok);
  lent.assign(lent.size(), '!');
  CHECK(drain(queue) == std::string(1000, 'x') + long_a);
}

TEST_CASE("a copy that doesn't fit takes nothing") {
  heap_storage memory(256, 2);
  output_queue queue(memory);
  REQUIRE(queue.copy(text_bytes("kept")) == errc::ok);
  CHECK(queue.copy(text_bytes(std::string(1000, 'x'))) == errc::no_memory);
  CHECK(queue.size() == 4);
  CHECK(memory.in_use() == 1);
  REQUIRE(queue.copy(text_bytes(" on")) == errc::ok);
  CHECK(drain(queue) == "kept on");
}

TEST_CASE("rollback takes back everything behind the mark") {
  heap_storage memory(256);
  output_queue queue(memory);
  const output_queue::mark nothing = queue.here();
  REQUIRE(queue.copy(text_bytes("first")) == errc::ok);
  const output_queue::mark one = queue.here();
  REQUIRE(queue.copy(text_bytes(" and more")) == errc::ok);
  REQUIRE(queue.lend(text_bytes(long_a)) == errc::ok);
  REQUIRE(queue.copy(text_bytes(std::string(500, 'x'))) == errc::ok);
  queue.rollback(one);
  CHECK(!queue.borrows());
  CHECK(memory.in_use() == 1);
  CHECK(text_of(queue.output(100)) == "first");
  queue.rollback(nothing);
  CHECK(queue.empty());
  CHECK(memory.in_use() == 0);
}

TEST_CASE("a list holds 64 pieces at most") {
  heap_storage memory(16384);
  output_queue queue(memory);
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(queue.keep(text_bytes(long_a)) == errc::ok);
    expected += long_a;
  }
  CHECK(queue.output(1000000).size() == 64);
  CHECK(drain(queue) == expected);
}

TEST_CASE("random use agrees with a plain string") {
  const unsigned seed = 20240817;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const std::size_t block : {256U, 312U, 1024U, 4096U}) {
    heap_storage memory(block, 40);
    output_queue queue(memory);
    std::string model;
    std::deque<std::string> lent, stable;
    for (int step = 0; step < 4000; ++step) {
      const std::string piece(random() % 300, static_cast<char>('a' + random() % 26));
      const output_queue::mark before = queue.here();
      errc done = errc::ok;
      switch (random() % 8) {
        case 0:
        case 1: done = queue.copy(text_bytes(piece)); break;
        case 2: done = queue.lend(text_bytes(lent.emplace_back(piece))); break;
        case 3: done = queue.keep(text_bytes(stable.emplace_back(piece))); break;
        case 4:
          if (queue.retain() != errc::ok) continue;
          for (std::string& dead : lent) dead.assign(dead.size(), '!');
          lent.clear();
          continue;
        case 5:
          if (queue.copy(text_bytes(piece)) == errc::ok) queue.rollback(before);
          continue;
        default: {
          const std::string out = text_of(queue.output(random() % 700));
          REQUIRE(out == model.substr(0, out.size()));
          const std::size_t n = out.empty() ? 0 : random() % (out.size() + 1);
          queue.consume(n);
          model.erase(0, n);
          continue;
        }
      }
      if (done == errc::ok) model += piece;
      REQUIRE(queue.size() == model.size());
    }
    CHECK(drain(queue, 77) == model);
    CHECK(memory.in_use() == 0);
  }
}

TEST_CASE("taking over many small lent pieces fills blocks, and keeps the order") {
  heap_storage memory(512);
  output_queue queue(memory);
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    const std::string head = "piece " + std::to_string(i) + ": ";
    std::string lent(70, static_cast<char>('a' + i % 26));
    REQUIRE(queue.copy(text_bytes(head)) == errc::ok);
    REQUIRE(queue.lend(text_bytes(lent)) == errc::ok);
    expected += head + lent;
    REQUIRE(queue.retain() == errc::ok);
    lent.assign(70, '?');
  }
  CHECK(queue.size() == expected.size());
  CHECK(memory.in_use() <= 2 * expected.size() / 350 + 1);
  std::string all;
  while (!queue.empty()) {
    const auto pieces = queue.output(100);
    std::size_t size = 0;
    for (const const_bytes piece : pieces) {
      all += as_text(piece);
      size += piece.size();
    }
    queue.consume(size);
  }
  CHECK(all == expected);
}

TEST_CASE("reserved room is queued when it is committed") {
  heap_storage memory(512);
  output_queue queue(memory);
  REQUIRE(queue.copy(text_bytes("ab")) == errc::ok);
  const auto before = queue.here();
  mutable_bytes room = queue.reserve(100);
  REQUIRE(room.size() >= 100);
  std::memcpy(room.data(), "cd", 2);
  queue.commit(2);
  CHECK(queue.size() == 4);
  queue.rollback(before);
  room = queue.reserve(200);
  std::memcpy(room.data(), "ef", 2);
  queue.commit(2);
  std::string all;
  for (const const_bytes piece : queue.output(100)) all += as_text(piece);
  CHECK(all == "abef");
  memory.cap(memory.in_use());
  queue.commit(queue.reserve(1).size());
  CHECK(queue.reserve(200).empty());
}

TEST_CASE("a gap is filled once what follows it is known") {
  for (std::size_t before = 0; before < 500; ++before) {
    INFO(before);
    heap_storage memory(512);
    output_queue queue(memory);
    const std::string head(before, 'h');
    if (before != 0) REQUIRE(queue.copy(text_bytes(head)) == errc::ok);
    const mutable_bytes gap = queue.leave_gap(14);
    REQUIRE(gap.size() == 14);
    const std::size_t behind = queue.size();
    for (int i = 0; i < 8; ++i) REQUIRE(queue.copy(text_bytes(long_a)) == errc::ok);
    REQUIRE(queue.keep(text_bytes(long_b)) == errc::ok);
    const std::size_t used = 1 + before % 14;
    const std::string length = std::to_string(queue.size() - behind) + std::string(14, '.');
    queue.fill(gap, text_bytes(length).first(used));
    CHECK(queue.size() == before + used + 1000);
    std::string expected = head + length.substr(0, used);
    for (int i = 0; i < 8; ++i) expected += long_a;
    CHECK((drain(queue, 1 + before) == expected + long_b));
    CHECK(memory.in_use() == 0);
  }
}

TEST_CASE("what a short gap begins joins the copied bytes before it, as if it had been copied") {
  heap_storage memory(4096);
  output_queue queue(memory);
  std::string expected;
  const auto add = [&](std::string_view head, std::string_view payload) {
    const output_queue::mark before = queue.here();
    const mutable_bytes gap = queue.leave_gap(14);
    REQUIRE(gap.size() == 14);
    if (!payload.empty()) REQUIRE(queue.copy(text_bytes(payload)) == errc::ok);
    queue.fill(gap, text_bytes(head));
    queue.join(before);
    expected.append(head).append(payload);
  };
  SECTION("many take no more blocks than their bytes") {
    for (int i = 0; i < 3000; ++i) add(std::to_string(i % 7), "payload");
    CHECK(queue.size() == expected.size());
    CHECK(memory.in_use() <= expected.size() / (4096 - 120) + 1);
    CHECK(queue.output(1'000'000).size() <= memory.in_use());
  }
  SECTION("what is left of bytes that leave meanwhile is joined") {
    for (int i = 0; i < 300; ++i) {
      add("head", "0123456789");
      const std::size_t n = 1 + static_cast<std::size_t>(i) % 13;
      REQUIRE(as_text(queue.output(n)[0]) == std::string_view(expected).substr(0, n));
      queue.consume(n);
      expected.erase(0, n);
    }
  }
  SECTION("records and long ones stay apart, and are followed as before") {
    add("1", "");
    REQUIRE(queue.keep(text_bytes(long_b)) == errc::ok);
    expected += long_b;
    add("2", "b");
    add("3", std::string(2000, 'l'));
    add("4", std::string(2000, 'm'));
    add("5", "e");
    REQUIRE(queue.copy(text_bytes("end")) == errc::ok);
    expected += "end";
    const output_queue::mark mark = queue.here();
    add("6", "x");
    queue.rollback(mark);
    expected.resize(expected.size() - 2);
  }
  CHECK((drain(queue) == expected));
  CHECK(memory.in_use() == 0);
}

TEST_CASE("what is lent behind a filled gap is retained, and a gap is rolled back") {
  heap_storage memory(512);
  output_queue queue(memory);
  std::string lent = long_b;
  const output_queue::mark start = queue.here();
  REQUIRE(queue.leave_gap(14).size() == 14);
  queue.rollback(start);
  CHECK(memory.in_use() == 0);

  REQUIRE(queue.copy(text_bytes("first ")) == errc::ok);
  const output_queue::mark mark = queue.here();
  REQUIRE(queue.leave_gap(14).size() == 14);
  queue.rollback(mark);
  const mutable_bytes gap = queue.leave_gap(14);
  REQUIRE(queue.copy(text_bytes("last ")) == errc::ok);
  queue.fill(gap, text_bytes("middle "));
  REQUIRE(queue.lend(text_bytes(lent)) == errc::ok);
  REQUIRE(queue.retain() == errc::ok);
  std::fill(lent.begin(), lent.end(), 'x');
  CHECK(drain(queue) == "first middle last " + long_b);

  memory.cap(0);
  CHECK(queue.leave_gap(14).empty());
  CHECK(queue.empty());
}
