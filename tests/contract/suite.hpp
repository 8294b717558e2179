// Private: the cases of the suite together, and what becomes of them.
#pragma once

#include <drywire/contract/cases.hpp>

#include <ostream>
#include <span>
#include <string_view>

namespace drywire::contract {

struct case_group {
  std::string_view title;
  const case_list& (*cases)();
};
[[nodiscard]] std::span<const case_group> all_groups() noexcept;

/// Why the loop under test, which has these capabilities, doesn't do a case; empty: it does. Says
/// the same on every machine.
[[nodiscard]] std::string_view skipped_because(const loop_under_test& tested, capability has_them,
                                               const contract_case& what);

/// The answer to --cases.
void list_cases(const loop_under_test& tested, std::ostream& out);

/// Makes `--reporter contract` known to Catch2; takes "<loop>: " off the names. Once a process.
void add_contract_reporter(std::string_view loop_name);

/// What begins a message with a figure for the report: "cpu: 0.2 ms".
inline constexpr std::string_view cpu_figure = "cpu: ";

}  // namespace drywire::contract
