#include <drywire/contract/process.hpp>
#include <drywire/contract/world.hpp>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

namespace drywire::contract {

namespace {

class operating_system final : public world {
 public:
  socket_calls& sockets() override { return sockets_; }
  bool wait_readable(int fd, duration wait_max) override { return wait(fd, POLLIN, wait_max); }
  bool wait_writable(int fd, duration wait_max) override { return wait(fd, POLLOUT, wait_max); }

  void pass(duration time) override {
    const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(time.nanoseconds);
    while (std::chrono::steady_clock::now() < end) continue;
  }

  void offset_wall_clock(duration offset) override { offset_system_wall_clock(offset); }

  // The lowest free number is past the limit: there is none below it.
  void allow_descriptors(bool allowed) override {
    if (allowed) {
      ::setrlimit(RLIMIT_NOFILE, &before_);
      return;
    }
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit lowered = before_;
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(next >= 0);
    ::close(next);
    lowered.rlim_cur = static_cast<rlim_t>(next);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
  }

 private:
  static bool wait(int fd, short what, duration wait_max) {
    pollfd waiting{fd, what, 0};
    return ::poll(&waiting, 1, static_cast<int>(wait_max.nanoseconds / 1'000'000)) == 1;
  }

  system_sockets sockets_;
  rlimit before_{};
};

// Made before any case counts descriptors: its sockets keep one in reserve.
operating_system the_system;
world* present = &the_system;

}  // namespace

world& present_world() { return *present; }

world_scope::world_scope(world* around) {
  if (around != nullptr) present = around;
}

world_scope::~world_scope() { present = &the_system; }

}  // namespace drywire::contract
