// How a file of cases is written: CONTRACT_LIST once, then a CONTRACT_CASE for each.
#pragma once

#include <drywire/contract/cases.hpp>
#include <drywire/contract/fixture.hpp>

#include <catch2/catch_test_macros.hpp>

#include <utility>

namespace drywire::contract {

struct several_threads_tag {};
inline constexpr several_threads_tag several_threads;

struct add_case {
  add_case(case_list& list, void (*body)(fixture&), const char* name,
           capability needs = capability::none) {
    list.push_back({name, false, needs, body});
  }
  add_case(case_list& list, void (*body)(fixture&), const char* name, several_threads_tag,
           capability needs = capability::none) {
    list.push_back({name, true, needs, body});
  }
};

}  // namespace drywire::contract

#define DRYWIRE_CONTRACT_JOIN_(a, b) a##b
#define DRYWIRE_CONTRACT_JOIN(a, b) DRYWIRE_CONTRACT_JOIN_(a, b)

// The list that the cases of this file are in, by its name in cases.hpp.
#define CONTRACT_LIST(name)                          \
  namespace {                                        \
  ::drywire::contract::case_list cases_of_this_file; \
  }                                                  \
  const ::drywire::contract::case_list& ::drywire::contract::name() { return cases_of_this_file; }

#define CONTRACT_CASE_AT(line, ...)                                                  \
  static void DRYWIRE_CONTRACT_JOIN(body_, line)(::drywire::contract::fixture & on); \
  static const ::drywire::contract::add_case DRYWIRE_CONTRACT_JOIN(added_, line)(    \
      cases_of_this_file, DRYWIRE_CONTRACT_JOIN(body_, line), __VA_ARGS__);          \
  static void DRYWIRE_CONTRACT_JOIN(body_, line)([[maybe_unused]] ::drywire::contract::fixture & on)

// CONTRACT_CASE("name"), with what the loop needs for it or several_threads behind, then the body,
// whose fixture is `on`.
#define CONTRACT_CASE(...) CONTRACT_CASE_AT(__LINE__, __VA_ARGS__)
