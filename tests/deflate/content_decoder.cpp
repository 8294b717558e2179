#include "decode.hpp"
#include "encode.hpp"

#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;
using deflate::coding;
using deflate::content_decoder;
using deflate::fault;
using testkit::heap_storage;

namespace {

outcome run(coding c, std::string_view data, const std::vector<std::size_t>& cuts = {},
            std::size_t room = 4096) {
  heap_storage memory(deflate::inflate_block_bytes());
  content_decoder decoder(memory, c);
  return decode(decoder, data, cuts, room);
}

struct sample {
  const char* name;
  coding c;
  std::string data;
  outcome expected;
};

std::string with(std::string data, std::size_t at, char c) {
  data.at(at) = c;
  return data;
}

const std::string text = prose(3000);

// Everything that has a name, right and wrong.
std::vector<sample> samples() {
  const std::string one = gzip(text);
  const std::string fields = gzip_with_fields("hello");
  const std::string zlib = encoded(text, 15);
  const std::string raw = encoded(text, -15);
  const std::string junk("\x1f\x8b\x08\0\0\0\0\0\0\3\xff", 11);
  return {
      {"gzip", coding::gzip, one, {text, {}}},
      {"gzip of nothing", coding::gzip, gzip(""), {"", {}}},
      {"nothing at all", coding::gzip, "", {"", {}}},
      {"stored", coding::gzip, gzip(text, 0), {text, {}}},
      {"fields", coding::gzip, fields, {"hello", {}}},
      {"members", coding::gzip, one + fields + gzip("") + one, {text + "hello" + text, {}}},
      {"zlib", coding::deflate, zlib, {text, {}}},
      {"zlib, a small window", coding::deflate, encoded(text, 9), {text, {}}},
      {"raw", coding::deflate, raw, {text, {}}},
      {"raw, stored", coding::deflate, encoded(text, -15, 0), {text, {}}},
      {"not gzip", coding::gzip, "hello", {"", fault::bad_header}},
      {"gzip, wrong second byte", coding::gzip, with(one, 1, 'x'), {"", fault::bad_header}},
      {"gzip, wrong method", coding::gzip, with(one, 2, 7), {"", fault::bad_header}},
      {"gzip, reserved flag", coding::gzip, with(one, 3, '\x20'), {"", fault::bad_header}},
      {"gzip, wrong head checksum", coding::gzip, with(fields, 4, 9), {"", fault::bad_header}},
      {"zlib, wrong check bits", coding::deflate, with(zlib, 1, '\x9d'), {"", fault::bad_header}},
      {"zlib, dictionary", coding::deflate, with(zlib, 1, '\xbb'), {"", fault::bad_header}},
      {"gzip, no deflate inside", coding::gzip, junk, {"", fault::bad_data}},
      {"raw, no deflate", coding::deflate, "\xff", {"", fault::bad_data}},
      {"gzip, wrong checksum",
       coding::gzip,
       with(one, one.size() - 8, one[one.size() - 8] ^ 1),
       {text, fault::bad_checksum}},
      {"gzip, wrong length",
       coding::gzip,
       with(one, one.size() - 1, 1),
       {text, fault::bad_checksum}},
      {"zlib, wrong checksum",
       coding::deflate,
       with(zlib, zlib.size() - 1, zlib.back() ^ 1),
       {text, fault::bad_checksum}},
      {"gzip and more", coding::gzip, one + "more", {text, fault::data_after_end}},
      {"gzip and zeroes", coding::gzip, one + std::string(4, '\0'), {text, fault::data_after_end}},
      {"gzip and half a magic", coding::gzip, one + "\x1fx", {text, fault::bad_header}},
      {"zlib twice", coding::deflate, zlib + zlib, {text, fault::data_after_end}},
      {"raw and more", coding::deflate, raw + "m", {text, fault::data_after_end}},
  };
}

}  // namespace

TEST_CASE("each sample decodes to what it should, or fails by name") {
  for (const sample& s : samples()) {
    INFO(s.name);
    CHECK(run(s.c, s.data) == s.expected);
  }
}

TEST_CASE("every cut into two, byte by byte and rooms of one byte give the same") {
  for (const sample& s : samples()) {
    INFO(s.name);
    CHECK(run(s.c, s.data, every_byte(s.data)) == s.expected);
    CHECK(run(s.c, s.data, {}, 1) == s.expected);
    CHECK(run(s.c, s.data, every_byte(s.data), 1) == s.expected);
    for (std::size_t cut = 0; cut <= s.data.size(); ++cut) {
      if (run(s.c, s.data, {cut}, cut % 2 == 0 ? 4096 : 7) == s.expected) continue;
      FAIL("cut at " << cut);
    }
  }
}

TEST_CASE("every truncation is told, but for the end of a member") {
  const std::string first = gzip(text);
  const std::string both = first + gzip_with_fields("hello");
  for (std::size_t n = 1; n < both.size(); ++n) {
    const outcome cut = run(coding::gzip, both.substr(0, n));
    const bool whole = n == first.size();
    if (cut.failed != (whole ? std::nullopt : std::optional(fault::truncated))) {
      FAIL("cut off at " << n << ": " << cut);
    }
    CHECK((text + "hello").starts_with(cut.text));
  }
  for (const int window_bits : {15, -15}) {
    const std::string data = encoded(text, window_bits);
    for (std::size_t n = 1; n < data.size(); ++n) {
      const outcome cut = run(coding::deflate, data.substr(0, n));
      if (cut.failed != fault::truncated) FAIL("cut off at " << n << ": " << cut);
    }
  }
}

TEST_CASE("every flipped bit of the data is found") {
  const std::string data = gzip("a few words, and the words again: a few words");
  for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
    // Time, level and system say nothing; neither do the flags' lowest bit ("text") and a field
    // that a flag adds, unless what follows is wrong then.
    if (bit / 8 >= 3 && bit / 8 < 10) continue;
    const char flipped = static_cast<char>(data[bit / 8] ^ (1 << bit % 8));
    const outcome o = run(coding::gzip, with(data, bit / 8, flipped));
    INFO(bit);
    CHECK(o.failed.has_value());
  }
}

TEST_CASE("a fault is for good") {
  heap_storage memory(deflate::inflate_block_bytes());
  content_decoder decoder(memory, coding::gzip);
  CHECK(decode(decoder, "hello").failed == fault::bad_header);
  CHECK(decoder.finish() == fault::bad_header);
  std::array<std::byte, 100> out;
  const auto step = decoder.decode(text_bytes(gzip("x")), out);
  CHECK(step.consumed == 0);
  CHECK(step.produced == 0);
  CHECK(step.failed == fault::bad_header);
}

TEST_CASE("memory is held from the first data to the end, and no longer") {
  heap_storage memory(deflate::inflate_block_bytes());
  const std::string data = gzip(text);
  content_decoder decoder(memory, coding::gzip);
  outcome so_far;
  REQUIRE(decode_piece(decoder, data.substr(0, 10), 100, so_far));
  CHECK(memory.in_use() == 0);
  REQUIRE(decode_piece(decoder, data.substr(10, 50), 100, so_far));
  CHECK(memory.in_use() == 1);
  REQUIRE(decode_piece(decoder, data.substr(60), 100, so_far));
  CHECK(memory.in_use() == 0);
  CHECK(!decoder.finish());
  CHECK(so_far.text == text);
  CHECK(decoder.produced() == text.size());

  content_decoder broken(memory, coding::gzip);
  CHECK(decode(broken, with(data, 20, '\xff') + data).failed);
  CHECK(memory.in_use() == 0);
}

TEST_CASE("each refused request is no_memory, and nothing leaks") {
  const std::string data = gzip(text) + gzip(text);
  for (std::size_t n = 1; n <= 5; ++n) {
    heap_storage memory((std::size_t{1} << 15) + deflate::block_arena::block_overhead);
    {
      content_decoder decoder(memory, coding::gzip);
      memory.refuse(n);
      const outcome o = decode(decoder, data);
      INFO(n);
      CHECK(o.failed == (n <= 4 ? std::optional(fault::no_memory) : std::nullopt));
      CHECK((text + text).starts_with(o.text));
    }
    CHECK(memory.in_use() == 0);
  }
}

TEST_CASE("codings have names, in any case") {
  CHECK(deflate::coding_of("gzip") == coding::gzip);
  CHECK(deflate::coding_of("X-GZip") == coding::gzip);
  CHECK(deflate::coding_of("Deflate") == coding::deflate);
  for (const char* other : {"", "br", "identity", "gzip ", "gzipp", "gzi"}) {
    CHECK(!deflate::coding_of(other));
  }
}
