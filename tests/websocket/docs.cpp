// docs/websocket-machine.md names every fault and every limit, and says of them what the code does.
#include "../support/document.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/websocket/connection.hpp>
#include <drywire/websocket/handshake.hpp>

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace drywire;
using tests::in_seconds;
using tests::kib;
using websocket::fault;
using websocket::handshake_fault;

namespace {

std::string document() { return tests::document("websocket-machine.md"); }

std::vector<std::string> split(const std::string& text, const std::string& by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(by); at != text.npos; at = text.find(by, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + by.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

// The first table behind `heading`, which has two columns of names, each with what is said of them
// beside it: what is said of each name. A remark behind a colon belongs to nothing.
std::map<std::string, std::string> pairs_behind(std::string_view heading) {
  std::string text = document();
  REQUIRE(text.find(heading) != text.npos);
  text.erase(0, text.find("\n|", text.find(heading)) + 1);
  std::map<std::string, std::string> said;
  for (const std::string& row : split(text.substr(0, text.find("\n\n")), "\n")) {
    const auto cells = split(row, " | ");
    REQUIRE(cells.size() == 4);
    for (const std::size_t i : {0U, 2U}) {
      std::string names = cells[i].substr(0, cells[i].find(':'));
      if (i == 0) names.erase(0, 2);
      for (const std::string& name : split(names, ", ")) said[name] = split(cells[i + 1], " |")[0];
    }
  }
  return said;
}

// "invalid UTF-8" is invalid_utf8.
std::string enumerator(std::string_view words) {
  std::string name;
  for (const char c : words) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (c != '-') name += c == ' ' ? '_' : static_cast<char>(upper ? c + 32 : c);
  }
  return name;
}

}  // namespace

TEST_CASE("the document has every fault, with its code") {
  const auto said = pairs_behind("## Faults");
  for (std::size_t i = 0; i < websocket::fault_count; ++i) {
    const auto what = static_cast<fault>(i);
    const std::string name = enumerator(to_string(what));
    const auto code = websocket::close_code_of(what);
    INFO(name);
    REQUIRE(said.contains(name));
    CHECK(said.at(name) == (code == 0 ? "none" : std::to_string(code)));
  }
}

TEST_CASE("the document has every fault of a handshake, with the status of a request's") {
  const auto said = pairs_behind("## The opening handshake");
  for (std::size_t i = 0; i < websocket::handshake_fault_count; ++i) {
    const auto what = static_cast<handshake_fault>(i);
    const std::string name = enumerator(to_string(what));
    INFO(name);
    REQUIRE(said.contains(name));
    if (status_of(what) != 0 && what != handshake_fault::invalid_extensions) {
      CHECK(said.at(name) == std::to_string(status_of(what)));
    }
  }
}

TEST_CASE("the document has every limit, with its default") {
  const std::string text = document();
  const websocket::limits l;
  CHECK(l.fragment_free_bytes == 1024);
  const std::pair<std::string, std::string> all[] = {
      {"`message_bytes_max`", kib(l.message_bytes_max)},
      {"`ratio_free_bytes`, `inflate_ratio_max`",
       kib(l.ratio_free_bytes) + ", " + std::to_string(l.inflate_ratio_max)},
      {"`fragments_max`", std::to_string(l.fragments_max)},
      {"`pings_unanswered_max`", std::to_string(l.pings_unanswered_max)},
      {"`output_bytes_max`", kib(l.output_bytes_max)},
      {"`output_low_bytes`", kib(l.output_low_bytes)},
      {"`ping_after`", in_seconds(l.ping_after)},
      {"`pong_timeout`", in_seconds(l.pong_timeout)},
      {"`message_timeout`", in_seconds(l.message_timeout)},
      {"`write_timeout`", in_seconds(l.write_timeout)},
      {"`close_timeout`", in_seconds(l.close_timeout)},
  };
  for (const auto& [name, value] : all) {
    const std::string row = "| " + name + " | " + value + " | ";
    INFO(row);
    CHECK(text.find(row) != text.npos);
  }
}

TEST_CASE("the document has the sizes that memory comes in") {
  const std::string text = document();
  for (const std::string& said :
       {"| the object | " + std::to_string(sizeof(websocket::connection)) + " bytes",
        kib(websocket::connection::block_bytes) + " if it is `connection::block_bytes`",
        kib(deflate::deflate_block_bytes()) + " for a window of 15 bits, " +
            kib(deflate::deflate_block_bytes(11)) + " for 11",
        "up to " + std::to_string(websocket::protocols_max) + " subprotocols"}) {
    INFO(said);
    CHECK(text.find(said) != text.npos);
  }
}
