// The cases of llhttp's own test suite, where they are to be had: however they are cut they mean
// the same, and what llhttp refuses is refused here.
//
// The file isn't part of this repository. It is looked for in $DRYWIRE_VECTORS and, beside the
// source tree, in ../shared/vectors: one JSON object a line, with "type", "name" and "input_b64".
#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/verify_splits.hpp>

#include <catch2/catch_test_macros.hpp>
#include <llhttp.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace drywire;

namespace {

struct vector_case {
  std::string name;
  std::string type;
  std::string input;
};

std::filesystem::path vectors_file() {
  const char* named = std::getenv("DRYWIRE_VECTORS");
  const std::filesystem::path folder =
      named != nullptr ? named : DRYWIRE_SOURCE_DIR "/../shared/vectors";
  return folder / "llhttp-cases.jsonl";
}

// The string behind "key": in a line of JSON, up to the next quote that isn't escaped.
std::string text_of(const std::string& line, const std::string& key) {
  const std::string before = '"' + key + "\":\"";
  const std::size_t from = line.find(before);
  if (from == line.npos) return {};
  std::size_t to = from + before.size();
  const std::size_t start = to;
  while (to < line.size() && line[to] != '"') to += line[to] == '\\' ? 2U : 1U;
  return line.substr(start, to - start);
}

std::string from_base64(std::string_view text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == digits.npos) break;
    bits = bits << 6U | static_cast<unsigned>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xffU);
  }
  return bytes;
}

std::vector<vector_case> read_cases(std::istream& in) {
  std::vector<vector_case> all;
  for (std::string line; std::getline(in, line);) {
    all.push_back({text_of(line, "file") + ": " + text_of(line, "name"), text_of(line, "type"),
                   from_base64(text_of(line, "input_b64"))});
  }
  return all;
}

// What strict llhttp says to a connection's bytes. What comes behind a close, or behind an upgrade,
// isn't HTTP to it.
bool llhttp_refuses(llhttp_type_t type, std::string_view bytes) {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  llhttp_t parser;
  llhttp_init(&parser, type, &settings);
  const llhttp_errno_t result = llhttp_execute(&parser, bytes.data(), bytes.size());
  return result != HPE_OK && result != HPE_PAUSED_UPGRADE && result != HPE_CLOSED_CONNECTION;
}

bool has_peer_error(const testkit::trace& events) {
  for (const testkit::trace_entry& e : events.entries()) {
    if (e.name == "peer error") return true;
  }
  return false;
}

void answer(http1::server& server, const http1::server_event& event) {
  if (!std::holds_alternative<http1::request_end>(event)) return;
  if (server.respond(200) != errc::ok) CHECK(server.respond(501) == errc::ok);
}

// A client whose first request has left; the next ones follow when an exchange is over.
struct asking : http1::client {
  explicit asking(storage& memory) : client(memory) { ask(*this); }

  static void ask(http1::client& client) {
    const errc done = client.send_request("GET", "/", {{"Host", "a"}});
    CHECK((done == errc::ok || done == errc::connection_gone));
    client.consume_output(client.output(1000).size());
  }
};

void ask_again(http1::client& client, const http1::client_event& event) {
  if (std::holds_alternative<http1::exchange_over>(event)) asking::ask(client);
}

}  // namespace

TEST_CASE("llhttp's cases mean the same however they are cut, and what it refuses is refused") {
  std::ifstream in(vectors_file());
  if (!in) SKIP("no " << vectors_file() << ": set DRYWIRE_VECTORS to the folder that has it");
  const std::vector<vector_case> all = read_cases(in);
  REQUIRE(all.size() > 200);
  testkit::split_options options;
  options.block_bytes = http1::server::block_bytes;
  std::size_t refused = 0;
  for (const vector_case& c : all) {
    INFO(c.name);
    REQUIRE(!c.input.empty());
    const auto report = testkit::verify_splits(
        c.input, [](storage& memory) { return http1::server(memory); }, answer, options);
    INFO(report.text());
    CHECK(report.equal());
    if (!c.type.starts_with("request") || !llhttp_refuses(HTTP_REQUEST, c.input)) continue;
    ++refused;
    INFO(report.whole().events);
    CHECK(has_peer_error(report.whole().events));
  }
  CHECK(refused > 40);
}

TEST_CASE("llhttp's responses mean the same however they are cut, and what it refuses is refused") {
  std::ifstream in(vectors_file());
  if (!in) SKIP("no " << vectors_file() << ": set DRYWIRE_VECTORS to the folder that has it");
  testkit::split_options options;
  options.block_bytes = http1::client::block_bytes;
  std::size_t refused = 0;
  for (const vector_case& c : read_cases(in)) {
    INFO(c.name);
    const auto report = testkit::verify_splits(
        c.input, [](storage& memory) { return asking(memory); }, ask_again, options);
    INFO(report.text());
    CHECK(report.equal());
    if (!c.type.starts_with("response") || !llhttp_refuses(HTTP_RESPONSE, c.input)) continue;
    ++refused;
    INFO(report.whole().events);
    CHECK(has_peer_error(report.whole().events));
  }
  CHECK(refused > 15);
}
