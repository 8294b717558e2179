#include <drywire/contract/process.hpp>

#include <catch2/catch_test_macros.hpp>
#include <dirent.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

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

const std::vector<int>& descriptors_before_loops() {
  static const std::vector<int> before = open_descriptors();
  return before;
}

duration cpu_time() {
  timespec used{};
  REQUIRE(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0);
  return duration(used.tv_sec * 1'000'000'000 + used.tv_nsec);
}

}  // namespace drywire::contract
