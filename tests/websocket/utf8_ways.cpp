// Each way to check UTF-8 beside a naive one, and the validator's portions beside one whole.
#include "naive_utf8.hpp"
#include "named_way.hpp"

#include <drywire/testkit/random.hpp>
#include <drywire/websocket/utf8.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace drywire;
using namespace drywire::websocket;

namespace {

constexpr std::string_view valid_characters[] = {"a",
                                                 "\x7f",
                                                 "\xc2\x80",
                                                 "\xc3\xb6",
                                                 "\xdf\xbf",
                                                 "\xe0\xa0\x80",
                                                 "\xe4\xbd\xa0",
                                                 "\xed\x9f\xbf",
                                                 "\xee\x80\x80",
                                                 "\xef\xbf\xbf",
                                                 "\xf0\x90\x80\x80",
                                                 "\xf0\x9f\x98\x80",
                                                 "\xf3\xbf\xbf\xbf",
                                                 "\xf4\x8f\xbf\xbf"};

// Where the rules change, and what is next to it.
constexpr unsigned boundaries[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                   0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
                                   0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};

// Checks texts that are ASCII but for a few bytes somewhere. Their memory has no byte to spare.
class planted {
 public:
  planted(ways::utf8_function run, std::size_t size, std::size_t at)
      : run_(run), text_(size, std::byte{'a'}), at_(at) {}

  void check(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      text_[at_ + i] = static_cast<std::byte>(bytes[i]);
    if (run_(text_.data(), text_.size()) == naive_is_utf8(bytes)) return;
    std::string shown;
    for (const char c : bytes) shown += std::to_string(static_cast<std::uint8_t>(c)) + " ";
    FAIL(shown << "at " << at_ << " of " << text_.size());
  }

 private:
  ways::utf8_function run_;
  std::vector<std::byte> text_;
  std::size_t at_;
};

void check_all_of_two(planted&& text) {
  char bytes[2];
  for (unsigned i = 0; i < 0x10000; ++i) {
    bytes[0] = static_cast<char>(i >> 8);
    bytes[1] = static_cast<char>(i);
    text.check({bytes, 2});
  }
}

void check_all_of_three(planted&& text) {
  char bytes[3];
  for (unsigned i = 0; i < 0x1000000; ++i) {
    bytes[0] = static_cast<char>(i >> 16);
    bytes[1] = static_cast<char>(i >> 8);
    bytes[2] = static_cast<char>(i);
    text.check({bytes, 3});
  }
}

void check_boundaries_of_four(planted&& text) {
  char bytes[4];
  for (const unsigned first : boundaries) {
    bytes[0] = static_cast<char>(first);
    for (unsigned second = 0; second < 256; ++second) {
      bytes[1] = static_cast<char>(second);
      for (const unsigned third : boundaries) {
        bytes[2] = static_cast<char>(third);
        for (const unsigned fourth : boundaries) {
          bytes[3] = static_cast<char>(fourth);
          text.check({bytes, 4});
        }
      }
    }
  }
}

void check_boundaries_everywhere(ways::utf8_function run) {
  for (const std::size_t size : {4U, 15U, 17U, 31U, 33U, 35U, 64U, 67U, 97U, 128U, 131U, 200U}) {
    for (std::size_t at = 0; at + 3 <= size; ++at) {
      planted text(run, size, at);
      for (const unsigned first : boundaries) {
        for (const unsigned second : boundaries) {
          for (const unsigned third : {0x20U, 0x80U, 0xC3U}) {
            const char bytes[] = {static_cast<char>(first), static_cast<char>(second),
                                  static_cast<char>(third)};
            text.check({bytes, 3});
          }
        }
      }
    }
  }
}

std::string random_text(testkit::random& numbers) {
  std::string text;
  const std::size_t size = numbers.below(300);
  const std::size_t kinds = 1 + numbers.below(std::size(valid_characters));
  while (text.size() < size) {
    const std::size_t run = numbers.below(4) == 0 ? numbers.below(150) : 1;
    text.append(run, 'x');
    text += valid_characters[numbers.below(kinds)];
  }
  return text;
}

// Every other one is damaged: a byte is another, or gone.
std::string random_damaged_text(testkit::random& numbers) {
  std::string text = random_text(numbers);
  if (text.empty() || numbers.below(2) == 0) return text;
  const std::size_t at = numbers.below(text.size());
  if (numbers.below(2) == 0) {
    text.erase(at, 1 + numbers.below(3));
  } else {
    text[at] = static_cast<char>(boundaries[numbers.below(std::size(boundaries))]);
  }
  return text;
}

void check_at_random(ways::utf8_function run) {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    testkit::random numbers(seed);
    const std::string text = random_damaged_text(numbers);
    const std::vector<char> memory(text.begin(), text.end());  // a string has a byte to spare
    const const_bytes bytes = text_bytes({memory.data(), memory.size()});
    if (run(bytes.data(), bytes.size()) != naive_is_utf8(text)) FAIL("seed " << seed);
  }
}

void check_as_naively(std::string_view name) {
  const ways::utf8_function run = ways::named(ways::utf8(), name);
  for (std::size_t size = 0; size < 4; ++size) CHECK(run(text_bytes("abc").data(), size));
  for (const std::size_t at : {0U, 30U, 31U, 62U, 63U, 98U})
    check_all_of_two(planted(run, 100, at));
  check_all_of_three(planted(run, 3, 0));
  check_all_of_three(planted(run, 72, 30));
  check_boundaries_of_four(planted(run, 36, 14));
  check_boundaries_of_four(planted(run, 99, 95));
  check_boundaries_everywhere(run);
  check_at_random(run);
}

// What the validator has to say about each beginning of a text.
std::vector<bool> naive_answers(const std::string& text) {
  std::vector<bool> answers(text.size() + 1);
  bool good = true;
  for (std::size_t n = 0; n <= text.size(); ++n) {
    good = good && naive_may_become_utf8(text.substr(0, n));
    answers[n] = good;
  }
  return answers;
}

void check_portions(const std::string& text) {
  const std::vector<bool> answers = naive_answers(text);
  const const_bytes bytes = text_bytes(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    utf8_validator validator;
    if (validator.feed(bytes.first(cut)) != answers[cut]) FAIL("the first " << cut << " bytes");
    const bool complete = naive_is_utf8(text.substr(0, cut));
    if (validator.complete() != complete) FAIL("complete after " << cut << " bytes");
    if (validator.feed(bytes.subspan(cut)) != answers.back()) FAIL("cut at " << cut);
    if (validator.complete() != naive_is_utf8(text)) FAIL("complete, cut at " << cut);
  }
  utf8_validator validator;
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (validator.feed(bytes.subspan(n, 1)) != answers[n + 1]) FAIL("byte " << n << " alone");
  }
}

}  // namespace

TEST_CASE("UTF-8 by words is what it is by the naive one") { check_as_naively("words"); }
TEST_CASE("UTF-8 by SSSE3 is what it is by the naive one") { check_as_naively("ssse3"); }
TEST_CASE("UTF-8 by AVX2 is what it is by the naive one") { check_as_naively("avx2"); }
TEST_CASE("UTF-8 by NEON is what it is by the naive one") { check_as_naively("neon"); }

TEST_CASE("the way to check UTF-8 that is chosen is the last that is here") {
  ways::utf8_function last = nullptr;
  for (const auto& one : ways::utf8()) {
    if (one.here()) last = one.run;
  }
  CHECK(ways::best_utf8() == last);
}

TEST_CASE("the answer about UTF-8 doesn't depend on the portions") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    testkit::random numbers(seed);
    check_portions(random_damaged_text(numbers));
  }
}
