#include <drywire/contract/process.hpp>

#include <catch2/catch_test_macros.hpp>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace drywire::contract {

std::vector<int> open_descriptors() {
  std::vector<int> numbers;
  DIR* folder = ::opendir("/proc/self/fd");
  REQUIRE(folder != nullptr);
  while (const dirent* entry = ::readdir(folder)) {
    const int number = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && number != ::dirfd(folder)) numbers.push_back(number);
  }
  ::closedir(folder);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

duration cpu_time() {
  rusage used{};
  REQUIRE(::getrusage(RUSAGE_THREAD, &used) == 0);
  const auto time = [](const timeval& t) { return t.tv_sec * 1'000'000 + t.tv_usec; };
  return microseconds(time(used.ru_utime) + time(used.ru_stime));
}

// The lowest free number is past the limit: there is none below it.
no_more_descriptors::no_more_descriptors() {
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
  rlimit lowered = before_;
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(next >= 0);
  ::close(next);
  lowered.rlim_cur = static_cast<rlim_t>(next);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
}

no_more_descriptors::~no_more_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

}  // namespace drywire::contract
