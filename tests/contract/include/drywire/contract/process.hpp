// What a case asks of the process it runs in: its descriptors and its CPU time.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/contract/world.hpp>

#include <vector>

namespace drywire::contract {

/// The numbers of the descriptors that this process has open.
[[nodiscard]] std::vector<int> open_descriptors();
/// User and system time of the calling thread.
[[nodiscard]] duration cpu_time();

/// While it lives, nobody in the present world gets a new descriptor.
class no_more_descriptors {
 public:
  no_more_descriptors() { present_world().allow_descriptors(false); }
  no_more_descriptors(const no_more_descriptors&) = delete;
  no_more_descriptors& operator=(const no_more_descriptors&) = delete;
  ~no_more_descriptors() { present_world().allow_descriptors(true); }
};

}  // namespace drywire::contract
