// What a case asks of the process it runs in: its descriptors, its CPU time and its wall clock.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/contract/world.hpp>

#include <vector>

namespace drywire::contract {

/// The numbers of the descriptors that this process has open.
[[nodiscard]] std::vector<int> open_descriptors();
/// Those of them that were open before a loop was made in this process, from the first call on.
[[nodiscard]] const std::vector<int>& descriptors_before_loops();
/// What all threads of this process have used, user and system.
[[nodiscard]] duration cpu_time();

/// While it lives, nobody in the present world gets a new descriptor.
class no_more_descriptors {
 public:
  no_more_descriptors() { present_world().allow_descriptors(false); }
  no_more_descriptors(const no_more_descriptors&) = delete;
  no_more_descriptors& operator=(const no_more_descriptors&) = delete;
  ~no_more_descriptors() { present_world().allow_descriptors(true); }
};

/// time() and clock_gettime() tell this process another wall clock, off by `offset`. All others
/// they tell as they are, and the machine's own isn't touched.
void offset_system_wall_clock(duration offset) noexcept;

/// While it lives, the wall clock of the present world is off by `offset`.
class wall_clock_jump {
 public:
  explicit wall_clock_jump(duration offset) { present_world().offset_wall_clock(offset); }
  wall_clock_jump(const wall_clock_jump&) = delete;
  wall_clock_jump& operator=(const wall_clock_jump&) = delete;
  ~wall_clock_jump() { present_world().offset_wall_clock(duration()); }
};

}  // namespace drywire::contract
