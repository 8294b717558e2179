// Every fault that a server can be blamed for: what provokes it, and that nothing comes after it.
#include "http1_client_fixture.hpp"
#include "http1_message_faults.hpp"

#include <map>

using namespace http1_client_test;
using http1::fault;

namespace {

http1::client_limits small_limits() {
  http1::client_limits l;
  http1_test::make_small(l);
  l.informational_max = 2;
  return l;
}

std::string chunked(std::string_view body) {
  return answer("200 OK", "Transfer-Encoding: chunked\r\n", body);
}

// What a peer answers a GET with to be told each fault; the rest of them is done by time, by its
// FIN, or by ourselves.
std::map<fault, std::string> provocations() {
  const std::string hint = answer("103 Hint");
  auto all = http1_test::message_provocations(
      [](std::string_view fields) { return answer("200 OK", fields); }, chunked);
  all.insert({
      {fault::start_line_too_long, "HTTP/1.1 200 " + std::string(200, 'x')},
      {fault::unsupported_version, "HTTP/2.0 200 OK\r\n\r\n"},
      {fault::chunked_in_http_1_0, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {fault::truncated_head, "HTTP"},
      {fault::head_timeout, "HTTP"},
      {fault::idle_timeout, std::string(ok)},
      {fault::write_timeout, ""},
      {fault::no_memory, std::string(ok)},
      {fault::not_a_response, "\x15\x03\x01"},
      {fault::malformed_status_line, "HTTP/1.1 OK\r\n"},
      {fault::unsolicited_response, std::string(ok) + std::string(ok)},
      {fault::too_many_informational, hint + hint + hint},
      {fault::unasked_switch, answer("101 Switching", "Upgrade: x\r\n")},
      {fault::unanswered, ""},
      {fault::response_timeout, ""},
  });
  return all;
}

// From here on: no event, no wish, no output but a fin, no block.
void check_over(fixture& f) {
  namespace wish = http1::wish;
  const http1::field fields[] = {host};
  CHECK(f.receive(ok).empty());
  CHECK(f.kept.empty());
  CHECK(f.client.apply(wish::send_request{.fields = fields}) == errc::connection_gone);
  CHECK(f.client.apply(wish::start_request{.fields = fields}) == errc::connection_gone);
  CHECK(f.client.apply(wish::send{text_bytes("x")}) == errc::connection_gone);
  CHECK(f.client.apply(wish::finish{}) == errc::connection_gone);
  CHECK(f.client.apply(wish::stop_request{}) == errc::connection_gone);
  CHECK(f.client.apply(wish::raise_body_limit{1}) == errc::connection_gone);
  CHECK(f.client.apply(wish::hold_body{}) == errc::connection_gone);
  CHECK(f.client.apply(wish::discard_body{}) == errc::connection_gone);
  CHECK(f.client.apply(wish::shut_down{}) == errc::connection_gone);
  CHECK(!f.client.takes_request());
  CHECK(!f.client.request_open());
  CHECK(f.memory.in_use() == 0);
  CHECK(f.output() == (f.client.ending() == ending::close ? "|" : ""));
  CHECK(f.client.deadline() == instant::never());
  CHECK(!f.client.wants_input());
  CHECK(f.at(1'000'000'000).empty());
  CHECK(f.eof().empty());
  CHECK(f.eof(false).empty());
  CHECK(f.client.ending() == ending::reset);
  CHECK(f.output().empty());
}

}  // namespace

TEST_CASE("every fault of a server is told once, and is the end") {
  // What only a client does stands between, and at the beginning.
  const auto all = provocations();
  REQUIRE(all.size() == http1::fault_count - 9);
  for (const auto& [what, bytes] : all) {
    INFO(to_string(what));
    fixture f(small_limits());
    f.at(0);
    if (what == fault::write_timeout) {
      REQUIRE(f.client.send_request("GET", "/", {host}) == errc::ok);
    } else {
      f.ask();
    }
    if (what == fault::no_memory) f.memory.cap(0);
    lines told = f.receive(bytes);
    switch (what) {
      case fault::truncated_head:
      case fault::truncated_body:
      case fault::unanswered: told = f.eof(); break;
      case fault::head_timeout: told = f.at(10'000); break;
      case fault::body_timeout:
      case fault::idle_timeout:
      case fault::write_timeout: told = f.at(30'000); break;
      case fault::response_timeout: told = f.at(60'000); break;
      default: break;
    }
    REQUIRE(!told.empty());
    CHECK(told.back() == "error " + std::string(to_string(what)));
    const bool resets = what == fault::write_timeout;
    CHECK(f.client.ending() == (resets ? ending::reset : ending::close));
    check_over(f);
  }
}

TEST_CASE("a fault under a request that isn't complete drops what hasn't left") {
  fixture f;
  REQUIRE(f.client.start_request("POST", "/", {host}, 100) == errc::ok);
  REQUIRE(f.client.send(text_bytes("some")) == errc::ok);
  f.consume(5);
  CHECK(f.receive("?") == lines{"error not a response"});
  CHECK(f.client.queued() == 0);
  check_over(f);
}

TEST_CASE("an error that is told doesn't hide what came before it") {
  fixture f;
  f.ask();
  CHECK(f.receive(chunked("2\r\nhi\r\n!")) ==
        lines{"response 200", "body hi", "error invalid chunk size"});
  check_over(f);
}
