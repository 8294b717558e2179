// The conformance suite that every loop passes: one body a case, run over whatever loop is given.
//
//   #include <drywire/contract/cases.hpp>
//
//   int main(int argc, char* argv[]) {
//     return drywire::contract::run_cases({"mine", [] { return make_mine(); }}, argc, argv);
//   }
//
// linked with drywire::contract is the whole program. It is a Catch2 program: `--help` lists what
// its command line takes, and catch_discover_tests() makes ctest know its cases. Each is a test by
// the name of "<loop>: <case>", with the tag [threads] when several threads take part in it and
// [alone] when not. Two words are our own:
//
//   --cases               lists the cases, a line each, without running any:
//                         loop, group, case, why it is skipped; with tabs between
//   --reporter contract   a line for what became of each case: passed, failed or skipped, case,
//                         reason; and for CPU time that was measured: cpu, case, milliseconds
//
// A case gets a loop of its own, and works on it with a fixture (fixture.hpp). It fails when it
// takes longer than case_time_max (watchdog.hpp); when even stop() doesn't end it, the program is
// aborted, with the name of the case. When a case is over nothing of it may be left: no stream,
// listener or timer, no task that was posted, no block that was lent; and when its loop is gone, no
// descriptor.
//
// A case is skipped, with the reason, when it needs what the loop doesn't have
// (backend::capabilities()), and when it is one that loop_under_test names as exempt.
//
// A program that links this takes time() and clock_gettime() from here, so that a case can let the
// wall clock jump. Otherwise they answer as the system's do.
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
  std::string_view reason;  // goes into tables: one line
};

struct loop_under_test {
  std::string name;
  /// Gives a loop that nobody runs. Called several times in a case. Null fails the case.
  std::function<std::unique_ptr<backend>()> make;
  /// One that names no case stops the program: the case was renamed, and would fail.
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
[[nodiscard]] const case_list& detaching_cases();
[[nodiscard]] const case_list& thread_cases();
[[nodiscard]] const case_list& signal_cases();
[[nodiscard]] const case_list& unix_socket_cases();
[[nodiscard]] const case_list& adopting_cases();
[[nodiscard]] const case_list& datagram_cases();
[[nodiscard]] const case_list& unix_datagram_cases();

/// Runs what the command line asks for, as a Catch2 program. Returns what main() returns.
int run_cases(const loop_under_test& loop, int argc, char* argv[]);

}  // namespace drywire::contract
