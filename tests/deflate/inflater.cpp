#include "encode.hpp"

#include <drywire/deflate/inflater.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;
using deflate::inflater;
using testkit::heap_storage;
using state = inflater::state;

namespace {

struct inflated {
  std::string text;
  state what;
  std::size_t left;  // bytes of the input behind the end
};

inflated run(inflater& i, std::string_view raw, std::size_t room = 1000) {
  std::vector<std::byte> out(room);
  const_bytes in = text_bytes(raw);
  std::string text;
  while (true) {
    const inflater::step step = i.inflate(in, out);
    text += as_text(const_bytes(out).first(step.produced));
    in = in.subspan(step.consumed);
    if (step.what != state::full) return {text, step.what, in.size()};
  }
}

const std::string text = prose(200'000);
const std::string raw = encoded(text, -15);

}  // namespace

TEST_CASE("a stream ends at its last block, and what follows isn't consumed") {
  heap_storage memory(deflate::inflate_block_bytes());
  inflater i(memory);
  const inflated whole = run(i, raw + "tail");
  CHECK((whole.text == text));
  CHECK(whole.what == state::end);
  CHECK(whole.left == 4);
}

TEST_CASE("without room nothing is consumed, and no block is drawn") {
  heap_storage memory(deflate::inflate_block_bytes());
  inflater i(memory);
  const inflater::step step = i.inflate(text_bytes(raw), {});
  CHECK(step.consumed == 0);
  CHECK(step.what == state::full);
  CHECK(memory.requests() == 0);
}

TEST_CASE("one block of inflate_block_bytes is enough, for each window") {
  for (int bits = deflate::window_bits_min; bits <= deflate::window_bits_max; ++bits) {
    heap_storage memory(deflate::inflate_block_bytes(bits));
    inflater i(memory, bits);
    // zlib's deflate makes a window of 9 bits where 8 are asked for; stored data needs none.
    const std::string data = encoded(text, -std::max(bits, 9), bits == 8 ? 0 : 6);
    const inflated whole = run(i, data);
    INFO(bits);
    CHECK((whole.text == text));
    CHECK(whole.what == state::end);
    CHECK(memory.in_use_most() == 1);
  }
}

TEST_CASE("two blocks that hold the window do as well, smaller ones don't") {
  const std::size_t window = std::size_t{1} << deflate::window_bits_max;
  heap_storage two(window + deflate::block_arena::block_overhead);
  inflater i(two);
  CHECK((run(i, raw).text == text));
  CHECK(two.in_use_most() == 2);

  heap_storage small(window);
  inflater refused(small);
  CHECK(run(refused, raw).what == state::no_memory);
  CHECK(run(refused, raw).what == state::no_memory);
}

TEST_CASE("each refused request is no_memory until release, and nothing leaks") {
  for (std::size_t n = 1; n <= 3; ++n) {
    heap_storage memory((std::size_t{1} << 15) + deflate::block_arena::block_overhead);
    inflater i(memory);
    memory.refuse(n);
    const inflated first = run(i, raw);
    INFO(n);
    CHECK((first.what == state::no_memory) == (n <= 2));
    CHECK(text.starts_with(first.text));
    i.release();
    CHECK(memory.in_use() == 0);
    memory.refuse(0);
    CHECK((run(i, raw).text == text));
  }
}

TEST_CASE("reset begins a stream that refers to nothing before it") {
  heap_storage memory(deflate::inflate_block_bytes());
  inflater i(memory);
  CHECK(run(i, raw).what == state::end);
  const std::size_t requests = memory.requests();
  i.reset();
  CHECK((run(i, raw).text == text));
  CHECK(memory.requests() == requests);

  // A stored byte, and behind the reset a match at a distance of one, which has nothing to refer
  // to: a block with the fixed code, length 3 (0000001) at distance 1 (00000).
  i.reset();
  CHECK(run(i, std::string("\x00\x01\x00\xfe\xffx", 6)).text == "x");
  const std::string match("\x03\x02\x00", 3);
  CHECK(run(i, match).text == "xxx");
  i.reset();
  CHECK(run(i, match).what == state::corrupt);
}

TEST_CASE("a distance beyond the window is corrupt") {
  const std::string far = noise(600) + std::string(600, 'x');
  const std::string twice = encoded(far + far, -15);
  heap_storage memory(deflate::inflate_block_bytes());
  inflater wide(memory, 15);
  CHECK((run(wide, twice).text == far + far));
  inflater narrow(memory, 9);
  CHECK(run(narrow, twice, 100).what == state::corrupt);
}

TEST_CASE("a stream may refer back to the one before it when it continues that") {
  heap_storage memory(deflate::inflate_block_bytes());
  inflater i(memory);
  // The stored byte of above in a last block, then the match at a distance of one.
  const std::string last("\x01\x01\x00\xfe\xffx", 6);
  const std::string match("\x03\x02\x00", 3);
  CHECK(run(i, last).what == state::end);
  i.continue_stream();
  CHECK(run(i, match).text == "xxx");
  CHECK(run(i, match).what == state::end);
  i.reset();
  CHECK(run(i, match).what == state::corrupt);
}

TEST_CASE("between blocks is where a byte and a block end") {
  heap_storage memory(deflate::inflate_block_bytes());
  inflater i(memory);
  CHECK(i.between_blocks());
  const std::string stored("\x00\x01\x00\xfe\xffx", 6);
  for (std::size_t at = 0; at < stored.size(); ++at) {
    run(i, stored.substr(at, 1), 1);
    CHECK(i.between_blocks() == (at + 1 == stored.size()));
  }
  run(i, {});
  CHECK(i.between_blocks());
  run(i, std::string(1, '\x02'));  // the begin of a block with the fixed code
  CHECK_FALSE(i.between_blocks());
  i.reset();
  CHECK(i.between_blocks());
}
