// docs/http1.md names every fault and every limit, and says of them what the code does.
#include "../support/document.hpp"

#include <drywire/protocol/http1.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string>

using namespace drywire;
using http1::fault;
using tests::in_seconds;
using tests::kib;

namespace {

std::string document() { return tests::document("http1.md"); }

}  // namespace

TEST_CASE("the document has every fault, with its status and section") {
  const std::string text = document();
  const std::string faults = text.substr(text.find("## Faults"));
  for (std::size_t i = 0; i < http1::fault_count; ++i) {
    const auto what = static_cast<fault>(i);
    // "bare line feed" is `bare_line_feed`, "chunked in HTTP/1.0" is `chunked_in_http_1_0`.
    std::string name;
    for (const char c : to_string(what)) {
      const bool upper = c >= 'A' && c <= 'Z';
      name += c == ' ' || c == '/' || c == '.' ? '_' : static_cast<char>(upper ? c + 32 : c);
    }
    if (what == fault::chunked_in_http_1_0) name = "chunked_in_http_1_0";
    const unsigned status = status_of(what);
    const std::string row = "| `" + name + "` | " +
                            (status == 0 ? "none" : std::to_string(status)) + " | " +
                            std::string(rfc_section(what)) + " |\n";
    INFO(row);
    CHECK(faults.find(row) != faults.npos);
  }
}

TEST_CASE("the document has every limit, with its default") {
  const std::string text = document();
  const http1::limits l;
  const std::pair<const char*, std::string> all[] = {
      {"head_bytes_max", kib(l.head_bytes_max)},
      {"start_line_bytes_max", kib(l.start_line_bytes_max)},
      {"fields_max", std::to_string(l.fields_max)},
      {"chunk_overhead_bytes_max", kib(l.chunk_overhead_bytes_max)},
      {"trailer_bytes_max", kib(l.trailer_bytes_max)},
      {"empty_lines_max", std::to_string(l.empty_lines_max)},
      {"body_bytes_max", kib(l.body_bytes_max)},
      {"discard_bytes_max", kib(l.discard_bytes_max)},
      {"linger_bytes_max", kib(l.linger_bytes_max)},
      {"output_bytes_max", kib(l.output_bytes_max)},
      {"output_low_bytes", kib(l.output_low_bytes)},
      {"head_timeout", in_seconds(l.head_timeout)},
      {"idle_timeout", in_seconds(l.idle_timeout)},
      {"body_timeout", in_seconds(l.body_timeout)},
      {"write_timeout", in_seconds(l.write_timeout)},
      {"linger_timeout", in_seconds(l.linger_timeout)},
  };
  for (const auto& [name, value] : all) {
    const std::string row = "| `" + std::string(name) + "` | " + value + " | ";
    INFO(row);
    CHECK(text.find(row) != text.npos);
  }
}

TEST_CASE("the document has every limit of a client that isn't a server's, with its default") {
  const std::string text = document();
  const std::string clients = text.substr(text.find("### A client's"));
  const http1::client_limits l;
  CHECK(l.body_bytes_max == UINT64_MAX);
  const std::pair<const char*, std::string> all[] = {
      {"body_bytes_max", "none"},
      {"idle_timeout", in_seconds(l.idle_timeout)},
      {"requests_max", std::to_string(l.requests_max)},
      {"informational_max", std::to_string(l.informational_max)},
      {"response_timeout", in_seconds(l.response_timeout)},
      {"expect_timeout", in_seconds(l.expect_timeout)},
  };
  for (const auto& [name, value] : all) {
    const std::string row = "| `" + std::string(name) + "` | " + value + " | ";
    INFO(row);
    CHECK(clients.find(row) != clients.npos);
  }
}
