// Every fault: what provokes it, what is answered, and that nothing comes after it.
#include "http1_fixture.hpp"
#include "http1_message_faults.hpp"

#include <map>
#include <set>

using namespace http1_test;
using http1::fault;

namespace {

http1::limits small_limits() {
  http1::limits l;
  make_small(l);
  return l;
}

std::string post(std::string_view fields, std::string_view body = {}) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
std::string chunked(std::string_view body) { return post("Transfer-Encoding: chunked\r\n", body); }

// Those behind it are what only a server does.
constexpr auto of_clients = static_cast<std::size_t>(fault::not_a_response);

// What a peer sends to be told each fault; the rest of them is done by time and by its FIN.
std::map<fault, std::string> provocations() {
  auto all = message_provocations([](std::string_view fields) { return post(fields); }, chunked);
  all.insert({
      {fault::not_a_request, "\x16\x03\x01"},
      {fault::too_many_empty_lines, "\r\n\r\n\r\n\r\n\r\n"},
      {fault::malformed_request_line, "GET /\r\nHost: a\r\n\r\n"},
      {fault::unknown_method, "FROB"},
      {fault::invalid_target, "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"},
      {fault::start_line_too_long, "GET /" + std::string(200, 'x')},
      {fault::unsupported_version, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
      {fault::missing_host, "GET / HTTP/1.1\r\n\r\n"},
      {fault::repeated_host, post("Host: a\r\n")},
      {fault::invalid_host, "GET / HTTP/1.1\r\nHost: /\r\n\r\n"},
      {fault::chunked_in_http_1_0, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {fault::unknown_expectation, post("Expect: x\r\n")},
      {fault::truncated_head, "GET"},
      {fault::head_timeout, "GET"},
      {fault::idle_timeout, ""},
      {fault::write_timeout, post("")},
      {fault::no_memory, post("")},
  });
  return all;
}

// From here on: no event, no wish, no input wanted in the end, no block, no second reply.
void check_over(fixture& f) {
  CHECK(f.receive(get).empty());
  CHECK(f.kept.empty());
  CHECK(f.server.respond(200) == errc::connection_gone);
  CHECK(f.server.start_response(200) == errc::connection_gone);
  CHECK(f.server.send(text_bytes("x")) == errc::connection_gone);
  CHECK(f.server.finish() == errc::connection_gone);
  CHECK(f.server.send_continue() == errc::connection_gone);
  CHECK(f.server.raise_body_limit(1) == errc::connection_gone);
  CHECK(f.server.discard_body() == errc::connection_gone);
  CHECK(f.server.shut_down() == errc::connection_gone);
  CHECK(f.server.exchange() == 0);
  CHECK(!f.server.response_open());
  CHECK(f.output().empty());
  CHECK(f.memory.in_use() == 0);
  CHECK(f.eof().empty());
  CHECK(f.at(1'000'000'000).empty());
  CHECK(f.server.deadline() == instant::never());
  CHECK(!f.server.wants_input());
  CHECK((f.server.ending() == ending::close || f.server.ending() == ending::reset));
  CHECK(f.output().empty());
}

}  // namespace

TEST_CASE("every fault has words, a section and an answer of its own") {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < http1::fault_count; ++i) {
    const auto what = static_cast<fault>(i);
    words.insert(to_string(what));
    CHECK(rfc_section(what).substr(0, 6) == "RFC 91");
    const unsigned status = status_of(what);
    CHECK((status == 0 || !http1::reason_of(status).empty()));
  }
  CHECK(words.size() == http1::fault_count);
}

TEST_CASE("every fault is told once, is answered, and is the end") {
  const auto all = provocations();
  REQUIRE(all.size() == of_clients);
  for (const auto& [what, bytes] : all) {
    INFO(to_string(what));
    fixture f(small_limits());
    f.at(0);
    if (what == fault::no_memory) f.memory.cap(0);
    lines told = f.receive(bytes);
    switch (what) {
      case fault::truncated_head:
      case fault::truncated_body: told = f.eof(); break;
      case fault::head_timeout: told = f.at(10'000); break;
      case fault::body_timeout: told = f.at(30'000); break;
      case fault::idle_timeout: told = f.at(60'000); break;
      case fault::write_timeout:
        REQUIRE(f.server.respond(200) == errc::ok);
        told = f.at(30'000);
        break;
      default: break;
    }
    REQUIRE(!told.empty());
    CHECK(told.back() == "error " + std::string(to_string(what)));
    const std::string output = f.output();
    const unsigned status = status_of(what);
    const std::string line = status == 0 ? "" : "HTTP/1.1 " + std::to_string(status) + ' ';
    CHECK(output.substr(0, line.size()) == line);
    CHECK(output.empty() == (what == fault::write_timeout));
    if (!output.empty()) CHECK(output.back() == '|');
    if (status != 0) CHECK(output.find("Connection: close\r\n") != output.npos);
    if (status == 0 && !output.empty()) CHECK(output == "|");
    CHECK((f.server.ending() == ending::reset) == (what == fault::write_timeout));
    check_over(f);
  }
}

TEST_CASE("a fault behind a response leaves the response alone") {
  fixture f;
  f.react = [&](const http1::server_event& e) {
    if (std::holds_alternative<http1::request_end>(e)) {
      CHECK(f.server.respond(204) == errc::ok);
    }
  };
  CHECK(f.receive(std::string(get) + "\n") == lines{"GET /", "end", "error bare line feed"});
  const std::string output = f.output();
  CHECK(output.substr(0, 27) == "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(output.substr(27, 12) == "HTTP/1.1 400");
}

TEST_CASE("a fault inside a request whose response has begun adds no second one") {
  fixture f;
  f.receive(chunked(""));
  REQUIRE(f.server.start_response(200) == errc::ok);
  REQUIRE(f.server.send(text_bytes("part")) == errc::ok);
  CHECK(f.receive("x") == lines{"error invalid chunk size"});
  const std::string output = f.output();
  CHECK(output.find("HTTP/1.1 200") == 0);
  CHECK(output.rfind("HTTP/1.1") == 0);
  CHECK(output.find("0\r\n\r\n") == output.npos);
  CHECK(output.back() == '|');
  check_over(f);
}

TEST_CASE("a fault inside a response that only ends by the connection's end resets it") {
  fixture f;
  f.receive("POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\na");
  REQUIRE(f.server.start_response(200) == errc::ok);
  REQUIRE(f.server.send(text_bytes("part")) == errc::ok);
  CHECK(f.eof() == lines{"error truncated body"});
  CHECK(f.server.ending() == ending::reset);
  CHECK(f.output().empty());
}

TEST_CASE("a fault that is found behind a HEAD isn't explained in a body") {
  fixture f;
  CHECK(f.receive("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n") ==
        lines{"HEAD /", "error content too large"});
  CHECK(f.output() ==
        "HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n"
        "Connection: close\r\n\r\n|");
}

TEST_CASE("a reply to a fault is found even without memory") {
  for (const auto& [what, bytes] : provocations()) {
    if (status_of(what) == 0) continue;
    INFO(to_string(what));
    fixture f(small_limits());
    f.at(0);
    if (what == fault::no_memory) f.memory.cap(0);
    f.memory.cap(what == fault::no_memory ? 0 : 1);  // the request's, and none for output
    lines told = f.receive(bytes);
    if (what == fault::truncated_head || what == fault::truncated_body) told = f.eof();
    if (what == fault::head_timeout) told = f.at(10'000);
    if (what == fault::body_timeout) told = f.at(30'000);
    REQUIRE(!told.empty());
    CHECK(told.back() == "error " + std::string(to_string(what)));
    const std::string output = f.output(7);  // in portions
    CHECK(output.substr(9, 3) == std::to_string(status_of(what)));
    CHECK(output.find("\r\n\r\n") != output.npos);
    CHECK(output.back() == '|');
    check_over(f);
  }
}
