// Every input of the table means the same however it is cut, and means what the table says.
#include "http1_inputs_table.hpp"

#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/verify_splits.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string>

using namespace drywire;
using http1_test::input;

namespace {

// The trace's entries as the table writes them.
std::string in_words(const testkit::trace& trace) {
  std::string all;
  for (const testkit::trace_entry& e : trace.entries()) {
    if (!all.empty()) all += "; ";
    if (e.name == "request") {
      all += e.details[0].second + ' ' + e.details[1].second;
    } else if (e.name == "request end") {
      all += "end";
    } else if (e.name == "switched") {
      all += e.name;
    } else if (e.name == "peer error") {
      all += "error " + e.details[0].second;
    } else if (e.name == "trailers") {
      all += e.name;
      for (const auto& [name, value] : e.details) all += ' ' + name + '=' + value;
    } else {
      all += e.name + ' ' + e.bytes;
    }
  }
  return all;
}

std::string statuses(std::string_view output) {
  std::string all;
  for (std::size_t at = output.find("HTTP/1.1 "); at != output.npos;
       at = output.find("HTTP/1.1 ", at + 1)) {
    if (!all.empty()) all += ' ';
    all += output.substr(at + 9, 3);
  }
  return all;
}

// Answers what is complete, and switches to "echo" and to no other protocol. A tunnel is to be had
// to "open" alone.
struct answer {
  void operator()(http1::server& server, const http1::server_event& event) {
    if (const auto* r = std::get_if<http1::request>(&event)) opens_ = r->head->host == "open:1";
    if (!std::holds_alternative<http1::request_end>(event)) return;
    if (opens_ && server.switch_protocols() == errc::ok) return;
    if (server.switch_protocols({{"Upgrade", "echo"}}) == errc::ok) return;
    errc done = server.respond(200, {{"Content-Type", "text/plain"}}, text_bytes("fine"));
    if (done == errc::operation_not_supported) done = server.respond(501);
    CHECK(done == errc::ok);
  }
  bool opens_ = false;
};

http1::server make(storage& memory) { return http1::server(memory); }

testkit::split_options options() {
  testkit::split_options o;
  o.block_bytes = http1::server::block_bytes;
  return o;
}

template <class Make>
void verify_inputs(Make make) {
  for (const input& i : http1_test::inputs()) {
    INFO(i.name);
    const auto report = testkit::verify_splits(i.bytes, make, answer{}, options());
    INFO(report.text());
    CHECK(report.equal());
    CHECK(in_words(report.whole().events) == i.events);
    CHECK(statuses(report.whole().output) == i.statuses);
    CHECK(report.runs() >= i.bytes.size());
  }
}

}  // namespace

TEST_CASE("there are at least 150 inputs, each with a name of its own") {
  std::set<std::string_view> names;
  for (const input& i : http1_test::inputs()) names.insert(i.name);
  CHECK(names.size() == http1_test::inputs().size());
  CHECK(names.size() >= 150);
}

TEST_CASE("inputs mean the same however they are cut") { verify_inputs(make); }

TEST_CASE("inputs mean the same, too, when heads begin in small blocks") {
  testkit::heap_storage beginnings(http1::server::block_bytes_min);
  verify_inputs([&](storage& memory) { return http1::server(memory, beginnings); });
  CHECK(beginnings.requests() > 1000);
  CHECK(beginnings.in_use() == 0);
}
