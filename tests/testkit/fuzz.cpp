#include "toy.hpp"

#include <drywire/testkit/fuzz.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace drywire;
using namespace std::string_literals;

namespace {

template <sin Sin>
struct subject {
  static constexpr std::size_t block_bytes = 256;
  static constexpr std::size_t blocks_max = 2;
  explicit subject(testkit::choices) {}
  static toy make(storage& memory) { return toy(memory, Sin); }
  static void react(toy&, const toy::event&) {}
  [[nodiscard]] const toy::command& wish() const { return wish_; }
  static bool is_last(const toy::event& e) { return e.name == "end"; }
  toy::command wish_;
};

std::string input(std::string_view wire, std::string_view decisions) {
  return std::string(wire) + std::string(decisions) + static_cast<char>(decisions.size());
}

// What the driver says; "" if no law was broken.
template <sin Sin>
std::string verdict(const std::string& bytes) {
  try {
    testkit::fuzz_connection<subject<Sin>>(text_bytes(bytes));
    return {};
  } catch (const testkit::law_broken& broken) {
    return broken.what();
  }
}

const std::string plain = input("abcdefgh", "");
// One decision again and again: what to do next, and how.
const std::string byte_by_byte = input("abcdefgh", "\1");
const std::string hours = input("abcdefgh", "\4");
const std::string writes = input("abcdefgh", "\5");
const std::string reads_and_writes = input("abcdefgh", "\0\1\0\5\0\1"s);
const std::string wishes = input("abcdefgh", "\6");
const std::string mixed = input("abcdefgh", "\0\1\5\0\0\6\0\0\4\0\0"s);

}  // namespace

TEST_CASE("an input is the wire, decisions and their count") {
  const std::string bytes = input("wire", "\7\1"s);
  testkit::fuzz_input in(text_bytes(bytes));
  CHECK(in.wire == "wire");
  CHECK(in.decisions.next() == 7);
  CHECK(in.decisions.next() == 1);
  CHECK(in.decisions.next() == 7);

  testkit::fuzz_input all_decisions(text_bytes("ab\xff"));
  CHECK(all_decisions.wire.empty());
  CHECK(all_decisions.decisions.next() == 'a');

  testkit::fuzz_input empty(const_bytes{});
  CHECK(empty.wire.empty());
  CHECK(empty.decisions.next() == 0);
}

TEST_CASE("a machine that keeps the laws passes") {
  for (const std::string& bytes :
       {plain, byte_by_byte, hours, writes, reads_and_writes, wishes, mixed}) {
    CHECK(verdict<sin::none>(bytes).empty());
  }
}

TEST_CASE("each broken law is named") {
  CHECK(verdict<sin::counts_wrongly>(plain) ==
        "consumed and remaining don't add up to what was lent");
  CHECK(verdict<sin::borrows_for_good>(plain) == "retained output changed with the lent bytes");
  CHECK(verdict<sin::leaks>(plain) == "blocks outlived their machine");
  CHECK(verdict<sin::hoards>(byte_by_byte) == "more blocks are in use than the limits allow");
  CHECK(verdict<sin::never_stops>(plain) == "events don't end though the input did");
  CHECK(verdict<sin::speaks_after_last>(plain) == "an event came behind the last one");
  CHECK(verdict<sin::speaks_behind_fin>(writes) == "there is output behind the fin");
  CHECK(verdict<sin::shows_nothing>(plain) == "a piece of output is empty");
  CHECK(verdict<sin::loses_output>(reads_and_writes) ==
        "output that wasn't written is no longer shown");
  CHECK(verdict<sin::grows_when_over>(plain) == "output grew behind the end");
  CHECK(verdict<sin::stays_late>(hours) == "a deadline that passed still stands");
  CHECK(verdict<sin::acts_on_refusal>(wishes) == "a refused wish changed the machine");
  CHECK(verdict<sin::writes_on_refusal>(wishes) == "a refused wish changed the output");
  CHECK(verdict<sin::reopens>(plain) == "the ending went back");
  CHECK(verdict<sin::speaks_behind_reset>(plain) == "there is output behind a reset");
}

TEST_CASE("input cut by decisions is compared with the whole") {
  CHECK(testkit::fuzz_splits<subject<sin::none>>(text_bytes(mixed)).events.lines() ==
        std::vector<std::string>{"bytes \"abcdefgh\"", "end"});
  CHECK_THROWS_AS(testkit::fuzz_splits<subject<sin::tells_portions>>(text_bytes(mixed)),
                  testkit::law_broken);
  CHECK_THROWS_AS(testkit::fuzz_splits<subject<sin::leaks>>(text_bytes(plain)),
                  testkit::law_broken);
}
