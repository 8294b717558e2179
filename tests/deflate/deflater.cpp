#include "encode.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace drywire;
using namespace drywire::tests;
using deflate::deflater;
using testkit::heap_storage;
using flush = deflater::flush;
using state = deflater::state;

namespace {

constexpr std::string_view tail("\x00\x00\xff\xff", 4);

// What a flush of `plain` makes, with `room` for each call; empty without memory.
std::string run(deflater& d, std::string_view plain, flush f = flush::sync,
                std::size_t room = 1000) {
  std::vector<std::byte> out(room);
  const_bytes in = text_bytes(plain);
  std::string made;
  while (true) {
    const deflater::step step = d.deflate(in, out, f);
    made += as_text(const_bytes(out).first(step.produced));
    in = in.subspan(step.consumed);
    if (step.what == state::no_memory) return {};
    if (step.what == state::done) return made;
  }
}

// The other side: zlib's own inflate, which sees one stream.
class zlib_inflate {
 public:
  explicit zlib_inflate(int window_bits) { REQUIRE(inflateInit2(&z_, -window_bits) == Z_OK); }
  zlib_inflate(const zlib_inflate&) = delete;
  zlib_inflate& operator=(const zlib_inflate&) = delete;
  ~zlib_inflate() { inflateEnd(&z_); }

  // What `raw` adds; "corrupt" if it can't be decoded.
  std::string feed(std::string raw) {
    std::array<Bytef, 4096> out{};
    std::string plain;
    z_.next_in = reinterpret_cast<Bytef*>(raw.data());
    z_.avail_in = static_cast<uInt>(raw.size());
    do {
      z_.next_out = out.data();
      z_.avail_out = static_cast<uInt>(out.size());
      const int result = inflate(&z_, Z_SYNC_FLUSH);
      if (result != Z_OK && result != Z_BUF_ERROR) return "corrupt";
      plain.append(reinterpret_cast<const char*>(out.data()), out.size() - z_.avail_out);
    } while (z_.avail_out == 0);
    return plain;
  }

 private:
  z_stream z_{};
};

// Repeats itself at every distance up to beyond the largest window.
const std::string text = prose(100'000) + noise(1000) + prose(100'000);

}  // namespace

TEST_CASE("what is flushed can be decoded, for each window and level") {
  for (int bits = deflate::window_bits_min; bits <= deflate::window_bits_max; ++bits) {
    for (const int level : {1, 5, 6, 9}) {
      INFO(bits << " bits, level " << level);
      heap_storage memory(deflate::deflate_block_bytes(bits));
      deflater d(memory, bits, level);
      const std::string made = run(d, text);
      CHECK(made.ends_with(tail));
      CHECK(made.size() < text.size() / 2);
      // With 8 bits zlib's own inflate refuses what refers back by more than 256.
      CHECK((zlib_inflate(bits).feed(made) == text));
      CHECK(memory.in_use() <= deflate::deflate_blocks);
    }
  }
}

TEST_CASE("two blocks of deflate_block_bytes are enough, smaller ones are too small") {
  heap_storage memory(deflate::deflate_block_bytes());
  deflater d(memory, 15, 6);
  CHECK(memory.requests() == 0);
  CHECK_FALSE(run(d, text).empty());
  CHECK(memory.in_use_most() == deflate::deflate_blocks);
  d.release();
  CHECK(memory.in_use() == 0);

  heap_storage small((std::size_t{2} << 15) + deflate::block_arena::block_overhead - 1);
  deflater refused(small, 15, 6);
  CHECK(run(refused, text).empty());
  CHECK(small.in_use() == 0);
}

TEST_CASE("an inflater of the same window fits into one of a deflater's blocks") {
  for (int bits = deflate::window_bits_min; bits <= deflate::window_bits_max; ++bits) {
    CHECK(deflate::inflate_block_bytes(bits) <= deflate::deflate_block_bytes(bits));
  }
}

TEST_CASE("each refused block is no_memory, and a later try succeeds") {
  for (std::size_t n = 1; n <= deflate::deflate_blocks; ++n) {
    heap_storage memory(deflate::deflate_block_bytes());
    deflater d(memory, 15, 1);
    memory.refuse(n);
    INFO(n);
    CHECK(run(d, text).empty());
    CHECK(memory.in_use() == 0);
    memory.refuse(0);
    CHECK((zlib_inflate(15).feed(run(d, text)) == text));
  }
}

TEST_CASE("the room of a call makes no difference but for empty blocks") {
  heap_storage memory(deflate::deflate_block_bytes());
  deflater d(memory, 15, 6);
  for (const std::size_t room : {deflater::room_bytes_min, std::size_t{9}, std::size_t{100}}) {
    INFO(room);
    zlib_inflate peer(15);
    d.reset();
    for (const unsigned size : {0U, 1U, 2U, 3U, 10U, 100U, 1000U, 5000U}) {
      const std::string made = run(d, std::string_view(text).substr(0, size), flush::sync, room);
      CHECK((peer.feed(made) == text.substr(0, size)));
    }
  }
}

TEST_CASE("pieces without a flush are one stream with what follows") {
  heap_storage memory(deflate::deflate_block_bytes());
  deflater d(memory, 15, 6);
  std::string made;
  for (std::size_t at = 0; at < text.size(); at += 777) {
    made += run(d, std::string_view(text).substr(at, 777), flush::none);
  }
  made += run(d, {}, flush::sync);
  CHECK(made.ends_with(tail));
  CHECK((zlib_inflate(15).feed(made) == text));
}

TEST_CASE("later messages refer to earlier ones until reset") {
  heap_storage memory(deflate::deflate_block_bytes());
  deflater d(memory, 15, 6);
  const std::string once = noise(500);
  zlib_inflate peer(15);
  const std::string first = run(d, once);
  const std::string second = run(d, once);
  CHECK(second.size() < 20);
  CHECK((peer.feed(first) == once));
  CHECK((peer.feed(second) == once));

  // Behind a flush a stream that began anew joins the old one.
  d.reset();
  const std::string third = run(d, once);
  CHECK(third.size() > once.size());
  CHECK((peer.feed(third) == once));
  CHECK(memory.requests() == deflate::deflate_blocks);
}
