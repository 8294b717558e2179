// The wall clock as a case wants it. The functions of the C library are defined anew here, for the
// whole program: a symbol of the program comes before the same one of a shared library.
#include <drywire/contract/process.hpp>

#include <dlfcn.h>

#include <atomic>
#include <ctime>

namespace {

std::atomic<std::int64_t> offset_s = 0;

int system_clock_gettime(clockid_t which, timespec* now) noexcept {
  using function = int(clockid_t, timespec*);
  static const auto system = reinterpret_cast<function*>(::dlsym(RTLD_NEXT, "clock_gettime"));
  return system(which, now);
}

}  // namespace

extern "C" int clock_gettime(clockid_t which, timespec* now) noexcept {
  const int failed = system_clock_gettime(which, now);
  if (failed == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += offset_s;
  }
  return failed;
}

extern "C" std::time_t time(std::time_t* also) noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (also != nullptr) *also = now.tv_sec;
  return now.tv_sec;
}

namespace drywire::contract {

void offset_system_wall_clock(duration offset) noexcept {
  offset_s = offset.nanoseconds / 1'000'000'000;
}

}  // namespace drywire::contract
