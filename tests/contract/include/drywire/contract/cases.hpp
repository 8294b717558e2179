// The conformance suite that every loop passes: one body a case, run over whatever loop is given.
//
// A loop's test program is a main() that calls run_cases() with how its loop is made. Each case is
// then a Catch2 test named "<loop>: <case>". A case runs under a time limit, and when it is over
// nothing of it may be left: no descriptor, no block, no stream, no timer.
#pragma once

#include <drywire/contract/world.hpp>
#include <drywire/loop/backend.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::contract {

/// Why a loop can't do a case: it is skipped by name, with this reason.
struct exemption {
  std::string_view case_name;
  std::string_view reason;
};

struct loop_under_test {
  std::string name;
  std::function<std::unique_ptr<backend>()> make;
  std::vector<exemption> exempt = {};
  /// What is around the loops of one case; without it, the operating system.
  std::function<std::unique_ptr<world>()> make_world = {};
};

class fixture;

struct contract_case {
  std::string name;
  bool threads;  // it has several
  capability needs;
  std::function<void(fixture&)> body;
};

using case_list = std::vector<contract_case>;

[[nodiscard]] const case_list& connecting_cases();
[[nodiscard]] const case_list& address_cases();
[[nodiscard]] const case_list& descriptor_cases();
[[nodiscard]] const case_list& reading_cases();
[[nodiscard]] const case_list& reading_end_cases();
[[nodiscard]] const case_list& handler_cases();
[[nodiscard]] const case_list& fairness_cases();
[[nodiscard]] const case_list& writing_cases();
[[nodiscard]] const case_list& ending_cases();
[[nodiscard]] const case_list& closing_matrix();
[[nodiscard]] const case_list& timer_cases();
[[nodiscard]] const case_list& turn_cases();
[[nodiscard]] const case_list& running_cases();
[[nodiscard]] const case_list& thread_cases();
[[nodiscard]] const case_list& signal_cases();
[[nodiscard]] const case_list& unix_socket_cases();

/// Runs what the command line asks for, as a Catch2 program. Returns what main() returns.
int run_cases(const loop_under_test& loop, int argc, char* argv[]);

}  // namespace drywire::contract
