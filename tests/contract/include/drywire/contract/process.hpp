// What a case asks of the process it runs in: its descriptors and its CPU time.
#pragma once

#include <drywire/base/instant.hpp>

#include <sys/resource.h>

#include <vector>

namespace drywire::contract {

/// The numbers of the descriptors that this process has open.
[[nodiscard]] std::vector<int> open_descriptors();
/// User and system time of the calling thread.
[[nodiscard]] duration cpu_time();

/// While it lives, this process gets no new descriptor.
class no_more_descriptors {
 public:
  no_more_descriptors();
  no_more_descriptors(const no_more_descriptors&) = delete;
  no_more_descriptors& operator=(const no_more_descriptors&) = delete;
  ~no_more_descriptors();

 private:
  rlimit before_{};
};

}  // namespace drywire::contract
