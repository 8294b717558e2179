// What programs read about the suite: the list of its cases, and what became of them.
#include "suite.hpp"

#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#include <catch2/reporters/catch_reporter_streaming_base.hpp>

#include <string>
#include <utility>

namespace drywire::contract {

namespace {

std::string prefix_of_names;

class contract_reporter final : public Catch::StreamingReporterBase {
 public:
  explicit contract_reporter(Catch::ReporterConfig&& config)
      : StreamingReporterBase(std::move(config)) {
    m_preferences.shouldReportAllAssertions = true;  // figures and skips are such
  }
  static std::string getDescription() { return "Lines for tables: what became of each case"; }

 private:
  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    StreamingReporterBase::testCaseStarting(info);
    case_ = info.name.substr(prefix_of_names.size());
    reason_.clear();
  }

  void assertionEnded(const Catch::AssertionStats& stats) override {
    const Catch::AssertionResult& result = stats.assertionResult;
    const std::string message(result.getMessage());
    if (result.getResultType() == Catch::ResultWas::ExplicitSkip) {
      reason_ = message;
    } else if (message.starts_with(cpu_figure)) {
      m_stream << "cpu\t" << case_ << '\t' << message.substr(cpu_figure.size()) << '\n';
    }
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const Catch::Counts& cases = stats.totals.testCases;
    m_stream << (cases.skipped != 0  ? "skipped"
                 : cases.failed != 0 ? "failed"
                                     : "passed")
             << '\t' << case_ << '\t' << reason_ << '\n';
    m_stream.flush();  // when the next one aborts, this is known
    StreamingReporterBase::testCaseEnded(stats);
  }

  std::string case_;
  std::string reason_;
};

}  // namespace

void list_cases(const loop_under_test& tested, std::ostream& out) {
  const auto around = tested.make_world ? tested.make_world() : nullptr;
  const world_scope scope(around.get());
  const auto loop = tested.make();
  for (const case_group& group : all_groups()) {
    for (const contract_case& one : group.cases()) {
      out << tested.name << '\t' << group.title << '\t' << one.name << '\t'
          << skipped_because(tested, loop->capabilities(), one) << '\n';
    }
  }
}

void add_contract_reporter(std::string_view loop_name) {
  prefix_of_names = std::string(loop_name) + ": ";
  const Catch::ReporterRegistrar<contract_reporter> registered("contract");
}

}  // namespace drywire::contract
