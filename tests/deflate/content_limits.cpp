// What a small body can be made to hold: the ratio and the size have limits, at the same byte
// however the body comes.
#include "decode.hpp"
#include "encode.hpp"

#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;
using deflate::coding;
using deflate::content_decoder;
using deflate::fault;
using testkit::heap_storage;

namespace {

outcome run(coding c, std::string_view data, const deflate::limits& l,
            const std::vector<std::size_t>& cuts = {}, std::size_t room = 4096) {
  heap_storage memory(deflate::inflate_block_bytes());
  content_decoder decoder(memory, c, l);
  return decode(decoder, data, cuts, room);
}

// However it comes, the same.
outcome run_all_ways(coding c, std::string_view data, const deflate::limits& l) {
  const outcome whole = run(c, data, l);
  CHECK(run(c, data, l, every_byte(data)) == whole);
  CHECK(run(c, data, l, {}, 1) == whole);
  for (std::size_t cut = 0; cut <= data.size(); cut += 97) {
    INFO("cut at " << cut);
    CHECK(run(c, data, l, {cut}, cut + 1) == whole);
  }
  return whole;
}

const std::string zeroes(3'000'000, '\0');

}  // namespace

TEST_CASE("a bomb is refused by the default ratio") {
  const std::string bomb = gzip(zeroes);
  REQUIRE(bomb.size() < 3100);
  const outcome o = run_all_ways(coding::gzip, bomb, {});
  CHECK(o.failed == fault::ratio_exceeded);
  CHECK(o.text == zeroes.substr(0, 1 << 20));  // All that is free, and not one byte more.
}

TEST_CASE("a small body may be as repetitive as it likes") {
  const std::string plain(1 << 20, 'x');
  CHECK(run(coding::gzip, gzip(plain), {}) == outcome{plain, {}});
}

TEST_CASE("the ratio counts encoded bytes in whole KiB, over all members") {
  const deflate::limits l{.ratio_max = 10, .ratio_free_bytes = 0};
  const std::string ten(10 * 1024, 'x');
  CHECK(run_all_ways(coding::gzip, gzip(ten), l) == outcome{ten, {}});
  CHECK(run_all_ways(coding::gzip, gzip(ten + "x"), l) == outcome{ten, fault::ratio_exceeded});
  CHECK(run_all_ways(coding::gzip, gzip(ten) + gzip("x"), l) ==
        outcome{ten, fault::ratio_exceeded});

  // Bytes that don't compress earn room for what comes later, never for what came before.
  const std::string earned = noise(4000);
  const std::string late = gzip(earned + zeroes.substr(0, 40'000));
  CHECK(run_all_ways(coding::gzip, late, l).failed == std::nullopt);
  const std::string early = gzip(zeroes.substr(0, 40'000) + earned);
  CHECK(run_all_ways(coding::gzip, early, l) ==
        outcome{zeroes.substr(0, 10240), fault::ratio_exceeded});
}

TEST_CASE("a ratio of 1032 stops no deflate stream") {
  const deflate::limits l{.ratio_max = 1032, .ratio_free_bytes = 0};
  CHECK(run(coding::deflate, encoded(zeroes, -15, 9), l) == outcome{zeroes, {}});
}

TEST_CASE("the size has a limit, at the byte") {
  const std::string plain = prose(20'000);
  for (const int window_bits : {15, -15}) {
    const std::string data = encoded(plain, window_bits);
    CHECK(run_all_ways(coding::deflate, data, {.output_bytes_max = 20'000}) == outcome{plain, {}});
    CHECK(run_all_ways(coding::deflate, data, {.output_bytes_max = 19'999}) ==
          outcome{plain.substr(0, 19'999), fault::size_exceeded});
    CHECK(run_all_ways(coding::deflate, data, {.output_bytes_max = 0}) ==
          outcome{"", fault::size_exceeded});
  }
}

TEST_CASE("extreme limits don't wrap around") {
  const deflate::limits l{
      .output_bytes_max = UINT64_MAX, .ratio_max = UINT32_MAX, .ratio_free_bytes = UINT64_MAX};
  CHECK(run(coding::gzip, gzip(zeroes), l) == outcome{zeroes, {}});
}
