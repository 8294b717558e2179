#include "wake_channel.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

using namespace drywire;

namespace {

int unread(const wake_channel& channel) {
  int size = 0;
  REQUIRE(::ioctl(channel.read_end.get(), FIONREAD, &size) == 0);
  return size;
}

void fill(const wake_channel& channel) {
  while (::write(channel.write_end.get(), "x", 1) == 1) {
  }
  REQUIRE(errno == EAGAIN);
}

}  // namespace

TEST_CASE("a wake into a full pipe takes old ones out, for a write that is an edge") {
  const wake_channel channel = std::move(*open_wake_pipe());
  fill(channel);
  const int full = unread(channel);
  errno = 4711;
  write_wake(channel.read_end.get(), channel.write_end.get());
  CHECK(errno == 4711);
  CHECK(unread(channel) < full);
  CHECK(unread(channel) > 0);
}

TEST_CASE("all wakes are drained, also of a full pipe") {
  const wake_channel channel = std::move(*open_wake_pipe());
  fill(channel);
  drain_wakes(channel.read_end.get());
  CHECK(unread(channel) == 0);
}
