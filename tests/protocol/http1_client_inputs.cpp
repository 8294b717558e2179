// Every response of the table means the same however it is cut, and means what the table says.
#include "http1_client_inputs_table.hpp"

#include <drywire/protocol/http1_client.hpp>
#include <drywire/testkit/verify_splits.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>
#include <string>

using namespace drywire;
using http1_client_test::input;

namespace {

// The trace's entries as the table writes them.
std::string in_words(const testkit::trace& trace) {
  std::string all;
  for (const testkit::trace_entry& e : trace.entries()) {
    if (!all.empty()) all += "; ";
    if (e.name == "response") {
      all += e.details[0].second;
    } else if (e.name == "informational") {
      all += e.details[0].second + " interim";
    } else if (e.name == "switched") {
      all += e.details[0].second + " switched";
    } else if (e.name == "response end") {
      all += e.details[0].second == "goes on" ? "end" : "last end";
    } else if (e.name == "peer closed") {
      all += "closed";
    } else if (e.name == "peer error") {
      all += "error " + e.details[0].second;
    } else if (e.name == "trailers") {
      all += e.name;
      for (const auto& [name, value] : e.details) all += ' ' + name + '=' + value;
    } else if (!e.is_piece) {
      all += e.name;
    } else {
      all += e.name + ' ' + e.bytes;
    }
  }
  return all;
}

void ask(http1::client& client, std::string_view how) {
  errc done = errc::ok;
  if (how.starts_with("CONNECT")) {
    done = client.send_request("CONNECT", "a:1", {});
  } else if (how.starts_with("UPGRADE")) {
    done = client.send_request("GET", "/", {{"Host", "a"}, {"Upgrade", "x"}});
  } else {
    done = client.send_request(how.starts_with("HEAD") ? "HEAD" : "GET", "/", {{"Host", "a"}});
  }
  CHECK(done == errc::ok);
  client.consume_output(client.output(1000).size());
}

// A client whose first request has left.
struct asking : http1::client {
  asking(storage& memory, std::string_view how) : client(memory) { ask(*this, how); }
};

testkit::split_report verify(const input& i, testkit::split_options options) {
  options.block_bytes = http1::client::block_bytes;
  const auto more = static_cast<std::size_t>(std::ranges::count(i.asked, '+'));
  return testkit::verify_splits(
      i.bytes, [how = i.asked](storage& memory) { return asking(memory, how); },
      [left = more](http1::client& client, const http1::client_event& event) mutable {
        if (!std::holds_alternative<http1::exchange_over>(event) || left == 0) return;
        --left;
        ask(client, "GET");
      },
      options);
}

}  // namespace

TEST_CASE("there are at least 100 responses, each with a name of its own") {
  std::set<std::string_view> names;
  for (const input& i : http1_client_test::inputs()) names.insert(i.name);
  CHECK(names.size() == http1_client_test::inputs().size());
  CHECK(names.size() >= 100);
}

TEST_CASE("responses mean the same however they are cut") {
  for (const input& i : http1_client_test::inputs()) {
    INFO(i.name);
    const auto report = verify(i, {});
    INFO(report.text());
    CHECK(report.equal());
    CHECK(in_words(report.whole().events) == i.events);
    CHECK(report.runs() >= i.bytes.size());
  }
}

TEST_CASE("RFC 9112 8: a lost connection completes no response that its end would") {
  testkit::split_options options;
  options.end = testkit::split_options::end::broken;
  std::size_t cut = 0;
  for (const input& i : http1_client_test::inputs()) {
    INFO(i.name);
    const auto report = verify(i, options);
    INFO(report.text());
    CHECK(report.equal());
    const std::string told = in_words(report.whole().events);
    const bool by_end = i.name.find("until the end") != i.name.npos;
    if (by_end) CHECK(told.ends_with("; transport failed"));
    cut += by_end ? 1U : 0U;
  }
  CHECK(cut == 5);
}
