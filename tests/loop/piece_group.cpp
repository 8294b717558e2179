#include "piece_group.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cerrno>
#include <vector>

using namespace drywire;

namespace {

// Pieces of one byte each, as many as fill two groups, sent by a system that fails from the second
// on.
result<std::size_t> send_two_groups(int failure) {
  const std::byte byte{};
  const std::vector<const_bytes> pieces(2 * piece_group::pieces_max, const_bytes(&byte, 1));
  int calls = 0;
  return send_in_groups(pieces, [&](piece_group& group) -> ssize_t {
    if (++calls == 1) return static_cast<ssize_t>(group.size());
    errno = failure;
    return -1;
  });
}

}  // namespace

TEST_CASE("no room for the second group of pieces: the first is counted") {
  const auto sent = send_two_groups(EAGAIN);
  REQUIRE(sent);
  CHECK(*sent == piece_group::pieces_max);
}

// A socket tells its error once: who isn't told now takes what follows for an orderly end.
TEST_CASE("a reset that the second group of pieces meets is told") {
  CHECK(send_two_groups(ECONNRESET).error() == error(ECONNRESET));
}
