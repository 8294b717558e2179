#include "suite.hpp"

#include <drywire/contract/cases.hpp>
#include <drywire/contract/fixture.hpp>
#include <drywire/contract/process.hpp>

#include <catch2/catch_session.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/internal/catch_test_registry.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <utility>

namespace drywire::contract {

namespace {

constexpr case_group groups[] = {
    {"Connecting and accepting", connecting_cases},
    {"Addresses", address_cases},
    {"The Unix domain", unix_socket_cases},
    {"Adopting and releasing", adopting_cases},
    {"UDP", datagram_cases},
    {"Datagrams of the Unix domain", unix_datagram_cases},
    {"Descriptors", descriptor_cases},
    {"Reading", reading_cases},
    {"Reading to the end", reading_end_cases},
    {"Handlers", handler_cases},
    {"Fairness", fairness_cases},
    {"Writing", writing_cases},
    {"Ending", ending_cases},
    {"on_closed exactly once", closing_matrix},
    {"Timers", timer_cases},
    {"Turns", turn_cases},
    {"Running", running_cases},
    {"Detaching", detaching_cases},
    {"Threads", thread_cases},
    {"Signals", signal_cases},
};

std::string_view missing(capability has_them, capability needs) {
  constexpr std::pair<capability, std::string_view> names[] = {
      {capability::ipv6, "the loop lacks IPv6"},
      {capability::reuse_port, "the loop can't share a port"},
      {capability::signals, "the loop can't handle signals"},
      {capability::native_handles, "the loop's streams have no descriptors"},
      {capability::real_time, "the loop has a time of its own"},
      {capability::parallel, "joined loops run in one thread"},
      {capability::unix_sockets, "the loop lacks the Unix domain"},
      {capability::abstract_names, "the loop lacks abstract names"},
      {capability::adopt, "the loop adopts no descriptors"},
      {capability::datagrams, "the loop lacks datagrams"},
  };
  for (const auto& [one, reason] : names) {
    if (has(needs, one) && !has(has_them, one)) return reason;
  }
  return {};
}

void skip_if_unable(const loop_under_test& tested, backend& loop, const contract_case& what) {
  const auto reason = skipped_because(tested, loop.capabilities(), what);
  if (!reason.empty()) SKIP(reason);
  if (has(what.needs, capability::ipv6) && !machine_has_ipv6()) SKIP("this machine has no IPv6");
}

// An exemption that excuses nothing would hide that its case was renamed.
bool knows_all_exempt(const loop_under_test& tested) {
  return std::ranges::all_of(tested.exempt, [](const exemption& exempt) {
    return std::ranges::any_of(groups, [&](const case_group& group) {
      return std::ranges::any_of(
          group.cases(), [&](const contract_case& one) { return one.name == exempt.case_name; });
    });
  });
}

// A case has 2000 of them, where a shell often allows 1024.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 8192));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// What a loop opens once for the whole process isn't a leak.
void warm_up(const loop_under_test& tested) { (void)tested.make(); }

void run_case(const loop_under_test& tested, const contract_case& what) {
  (void)descriptors_before_loops();
  const auto around = tested.make_world ? tested.make_world() : nullptr;
  const world_scope scope(around.get());
  warm_up(tested);
  const std::vector<int> before = open_descriptors();
  {
    fixture on(tested);
    skip_if_unable(tested, on.loop(), what);
    what.body(on);
    on.tear_down();
  }
  CHECK(open_descriptors() == before);
}

class invoker final : public Catch::ITestInvoker {
 public:
  invoker(const loop_under_test& tested, const contract_case& what)
      : tested_(tested), case_(what) {}
  void invoke() const override { run_case(tested_, case_); }

 private:
  const loop_under_test& tested_;
  const contract_case& case_;
};

}  // namespace

std::span<const case_group> all_groups() noexcept { return groups; }

std::string_view skipped_because(const loop_under_test& tested, capability has_them,
                                 const contract_case& what) {
  for (const exemption& exempt : tested.exempt) {
    if (exempt.case_name == what.name) return exempt.reason;
  }
  return missing(has_them, what.needs);
}

int run_cases(const loop_under_test& loop, int argc, char* argv[]) {
  if (!knows_all_exempt(loop)) {
    std::fputs("contract: an exemption names no case\n", stderr);
    return 1;
  }
  if (argc == 2 && argv[1] == std::string_view("--cases")) {
    list_cases(loop, std::cout);
    return 0;
  }
  add_contract_reporter(loop.name);
  allow_many_descriptors();
  for (const case_group& group : groups) {
    for (const contract_case& one : group.cases()) {
      const std::string name = loop.name + ": " + one.name;
      const Catch::AutoReg registered(
          Catch::Detail::make_unique<invoker>(loop, one), Catch::SourceLineInfo(__FILE__, __LINE__),
          Catch::StringRef(), Catch::NameAndTags(name, one.threads ? "[threads]" : "[alone]"));
    }
  }
  return Catch::Session().run(argc, argv);
}

}  // namespace drywire::contract
