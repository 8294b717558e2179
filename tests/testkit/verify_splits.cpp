#include "toy.hpp"

#include <drywire/protocol/line.hpp>
#include <drywire/testkit/verify_splits.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <string_view>

using namespace drywire;
using testkit::verify_splits;

namespace {

testkit::split_report verify(sin s) {
  return verify_splits("abc", [s](storage& memory) { return toy(memory, s); });
}

bool tells(const testkit::split_report& report, std::string_view part) {
  INFO(report.text());
  CHECK(!report.equal());
  return report.text().find(part) != std::string::npos;
}

const auto make_line = [](storage& memory) { return line::connection(memory); };

}  // namespace

TEST_CASE("pieces cut elsewhere are the same pieces") {
  const auto report = verify(sin::none);
  INFO(report);
  CHECK(report.equal());
  CHECK(report.whole().events.lines() == std::vector<std::string>{R"(bytes "abc")", "end"});
}

TEST_CASE("an event that depends on the cut is found, and the report says where") {
  CHECK(tells(verify(sin::tells_portions),
              "cut at 1 (\"a\" | \"bc\"): event 2 differs\n  whole: end\n  cut:   portion"));
}

TEST_CASE("whatever else depends on the cut is found") {
  CHECK(tells(verify(sin::answers_portions), "output differs at byte 1"));
  CHECK(tells(verify(sin::ends_early), "ending differs: whole 0, cut 2"));
  CHECK(tells(verify(sin::waits_for_portions), "deadline differs: whole 1, cut 2"));
  CHECK(tells(verify(sin::keeps_portions), "differs"));
}

TEST_CASE("broken laws are found even if no cut makes a difference") {
  CHECK(tells(verify(sin::counts_wrongly), "consumed and remaining don't add up"));
  CHECK(tells(verify(sin::borrows_for_good), "output changed with the lent bytes"));
  CHECK(tells(verify(sin::leaks), "blocks outlived their machine"));
  CHECK(tells(verify(sin::never_stops), "endless events"));
  CHECK(tells(verify(sin::speaks_behind_fin), "output behind the fin"));
}

TEST_CASE("every way to cut is tried") {
  // Whole, two two-way splits, byte by byte, twenty random splits.
  CHECK(verify(sin::none).runs() == 1 + 2 + 1 + 20);
}

TEST_CASE("an application's memory begins anew with each run") {
  const auto report =
      verify_splits("one\ntwo\nthree\n", make_line,
                    [seen = 0](line::connection& connection, const line::event&) mutable {
                      CHECK(seen < 4);
                      if (++seen == 2) CHECK(connection.send(text_bytes("second")) == errc::ok);
                    });
  INFO(report);
  CHECK(report.equal());
  CHECK(report.whole().output == "second\n");
}

TEST_CASE("no way to cut a line makes a difference") {
  const auto echo = [](line::connection& connection, const line::event& event) {
    if (const auto* text = std::get_if<line::text>(&event)) {
      static_cast<void>(connection.send(text->bytes));
    } else if (std::holds_alternative<line::end>(event)) {
      static_cast<void>(connection.finish());
    }
  };
  using namespace std::string_literals;
  for (const std::string& input :
       {""s, "\n"s, "\r\n"s, "one\ntwo\r\n\nthree\n"s, "no end"s, "one\nbare\rCR\nmore\n"s,
        "one\nnul\0\nmore\n"s, "\r\r\n"s, std::string(300, 'x') + "\nmore\n",
        std::string(256, 'x') + "\n", "ok\n" + std::string(257, 'x')}) {
    const auto report = verify_splits(
        input,
        [](storage& memory) {
          line::limits limits;
          limits.line_bytes_max = 256;
          return line::connection(memory, limits);
        },
        echo);
    INFO(report);
    CHECK(report.equal());
  }
}
