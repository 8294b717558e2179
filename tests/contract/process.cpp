#include <drywire/contract/process.hpp>

#include <catch2/catch_test_macros.hpp>
#include <dirent.h>
#include <sys/resource.h>

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

}  // namespace drywire::contract
