// Two protocols on one connection: no byte is lost between them, and none leaves out of order.
#include "switching_fixture.hpp"

#include <drywire/testkit/verify_splits.hpp>

using namespace switching_test;

static_assert(protocol<server_machine>);
static_assert(protocol<client_machine>);
static_assert(switchable<http1::server> && switchable<http1::client>);
static_assert(!switchable<tunnel::connection>);

namespace {

using server = fixture<server_machine>;
using client = fixture<client_machine>;

server_machine make(storage& memory) {
  return server_machine([&memory](const auto&) { return tunnel::connection(memory); }, memory);
}

// Switches at the end of a request that asks for it, answers others, greets through the tunnel, and
// echoes there.
void serve(server_machine& machine, const server_machine::event& event) {
  errc done = errc::ok;
  if (const auto* e = std::get_if<http1::server_event>(&event)) {
    if (std::holds_alternative<http1::server_switched>(*e)) {
      done = machine.second()->send(text_bytes("hello "));
    }
    if (std::holds_alternative<http1::request_end>(*e) && grant(machine) != errc::ok) {
      done = machine.first()->respond(204);
    }
  } else if (const auto* t = std::get_if<tunnel::event>(&event)) {
    if (const auto* d = std::get_if<tunnel::data>(t)) {
      done = machine.second()->send(d->bytes, lifetime::lent);
    }
    if (std::holds_alternative<tunnel::end>(*t)) done = machine.second()->finish();
  }
  CHECK(done == errc::ok);
}

using end_of_input = decltype(testkit::split_options::end);

testkit::split_options options(end_of_input end) {
  testkit::split_options o;
  o.block_bytes = http1::server::block_bytes;
  o.timed = false;
  o.end = end;
  return o;
}

}  // namespace

TEST_CASE("a switch means the same however it and what is behind it are cut") {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string no_content = "HTTP/1.1 204 No Content\r\n\r\n";
  const std::string posting =
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n"
      "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
  struct {
    std::string input;
    std::string behind;
    std::string output;
  } const all[] = {
      {std::string(upgrading), "", std::string(switched_101)},
      {std::string(upgrading), "frames \r\n\r\n", std::string(switched_101)},
      {std::string(upgrading), get, std::string(switched_101)},
      {std::string(connecting), "\x16\x03\x01", std::string(switched_200)},
      {get + std::string(upgrading), "frames", no_content + std::string(switched_101)},
      {get + get + std::string(connecting), "x",
       no_content + no_content + std::string(switched_200)},
      {posting, "frames", "HTTP/1.1 100 Continue\r\n\r\n" + std::string(switched_101)},
  };
  for (const auto& [input, behind, output] : all) {
    for (const end_of_input how : {end_of_input::clean, end_of_input::broken, end_of_input::none}) {
      INFO(input << behind << ' ' << static_cast<int>(how));
      const auto report = testkit::verify_splits(input + behind, make, serve, options(how));
      INFO(report.text());
      CHECK(report.equal());
      const auto& whole = report.whole();
      CHECK(whole.kept == 0);
      CHECK(whole.fin == (how == end_of_input::clean));
      CHECK(whole.output == (how == end_of_input::broken ? "" : output + "hello " + behind));
      CHECK(whole.ending == (how == end_of_input::clean    ? ending::close
                             : how == end_of_input::broken ? ending::reset
                                                           : ending::open));
    }
  }
}

TEST_CASE("a response that switches means the same however it is cut") {
  struct asking : client_machine {
    explicit asking(storage& memory)
        : client_machine([&memory](const auto&) { return tunnel::connection(memory); }, memory) {
      CHECK(first()->send_request("GET", "/", {host, echo}) == errc::ok);
      consume_output(output(1000).size());
    }
  };
  const auto answer = [](asking& machine, const client_machine::event& event) {
    const auto* t = std::get_if<tunnel::event>(&event);
    const auto* d = t == nullptr ? nullptr : std::get_if<tunnel::data>(t);
    if (d != nullptr) CHECK(machine.second()->send(d->bytes, lifetime::lent) == errc::ok);
  };
  const std::string early = "HTTP/1.1 103 Early Hints\r\n\r\n";
  testkit::split_options timed = options(end_of_input::clean);
  timed.timed = true;
  const auto report = testkit::verify_splits(
      early + std::string(switched_101) + "frames", [](storage& m) { return asking(m); }, answer,
      timed);
  INFO(report.text());
  CHECK(report.equal());
  const lines told = report.whole().events.lines();
  CHECK(told.size() == 4);
  CHECK(told[1].starts_with("switched status=\"101\""));
  CHECK(told[2] == "data \"frames\"");
  CHECK(told[3] == "end");
  CHECK(report.whole().output == "frames");
}

TEST_CASE("an event lies in the input if its part says so") {
  CHECK_FALSE(lies_in_input(server_machine::event(http1::server_event(http1::request_end{}))));
  CHECK(lies_in_input(server_machine::event(http1::server_event(http1::body{}))));
  CHECK_FALSE(lies_in_input(server_machine::event(tunnel::event(tunnel::end{}))));
  CHECK(lies_in_input(server_machine::event(tunnel::event(tunnel::data{}))));
}

TEST_CASE("the second part is made of the head behind which the first switched") {
  testkit::heap_storage memory(http1::server::block_bytes);
  std::string seen;
  int made = 0;
  server_machine machine(
      [&](const http1::server::switched& s) {
        ++made;
        seen = s.head->find("Upgrade")->value;
        return tunnel::connection(memory);
      },
      memory);
  std::string bytes(upgrading);
  auto cursor = machine.receive(std::as_writable_bytes(std::span(bytes)));
  while (const auto e = cursor.next()) {
    const auto* http = std::get_if<http1::server_event>(&*e);
    REQUIRE(http != nullptr);
    if (std::holds_alternative<http1::request_end>(*http)) CHECK(grant(machine) == errc::ok);
    const auto* s = std::get_if<http1::server_switched>(http);
    // It is there before the application hears of it.
    CHECK(made == (s == nullptr ? 0 : 1));
    if (s == nullptr) continue;
    // The head is there until the next event, even if nothing is left to be written.
    CHECK(memory.in_use() == 2);
    machine.consume_output(machine.output(1000).size());
    CHECK(memory.in_use() == 1);
    CHECK(s->head->target == "/");
  }
  CHECK(seen == "echo");
  CHECK(memory.in_use() == 0);
}

TEST_CASE("the 101 and the first bytes behind it leave in one write") {
  server f;
  f.react = [&](const auto& e) { serve(f.machine, e); };
  CHECK(f.receive(std::string(upgrading) + "world") ==
        lines{"request", "request end", "switched", "data world"});
  const output_view view = f.machine.output(1000);
  CHECK(tests::text_of(view) == std::string(switched_101) + "hello world");
  f.machine.consume_output(view.size());
  CHECK(f.machine.output(1000).empty());
}

TEST_CASE("what the first part has queued leaves first, in portions of any size") {
  const std::string text(100, 's');
  for (std::size_t portion = 1; portion < 400; ++portion) {
    INFO(portion);
    server f;
    std::string expected;
    // More pieces than fit beside those of the second part.
    for (int i = 0; i < 4; ++i) {
      f.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      CHECK(f.machine.first()->respond(200, {}, text_bytes(text), lifetime::stable) == errc::ok);
      expected += "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + text;
    }
    f.receive(upgrading);
    CHECK(grant(f.machine) == errc::ok);
    CHECK(f.receive() == lines{"switched"});
    // A piece of a record, a copied one, and a record.
    for (const lifetime life : {lifetime::stable, lifetime::copied, lifetime::stable}) {
      CHECK(f.machine.second()->send(text_bytes(text), life) == errc::ok);
    }
    CHECK(f.machine.second()->finish() == errc::ok);
    CHECK(f.output(portion) == expected + std::string(switched_101) + text + text + text + "|");
    CHECK(f.machine.ending() == ending::open);
    CHECK(f.eof() == lines{"end"});
    CHECK(f.machine.ending() == ending::close);
    CHECK(f.output().empty());
    CHECK(f.memory.in_use() == 0);
  }
}

TEST_CASE("any part of a list may leave, and the rest is in the next one") {
  for (const std::string text : {"hello", ""}) {
    const std::string all = std::string(switched_101) + text + "|";
    for (std::size_t part = 0; part < all.size() - 1; ++part) {
      INFO(part);
      server f;
      f.receive(upgrading);
      CHECK(grant(f.machine) == errc::ok);
      CHECK(f.receive() == lines{"switched"});
      CHECK(f.machine.second()->send(text_bytes(text)) == errc::ok);
      CHECK(f.machine.second()->finish() == errc::ok);
      CHECK(f.machine.output(1000).fin);
      f.machine.consume_output(part / 2);
      f.machine.consume_output(part - part / 2);
      CHECK(f.output() == all.substr(part));
      CHECK(f.machine.output(1000).empty());
    }
  }
}

TEST_CASE("what was shown before the switch and is consumed behind it was the first part's") {
  server f;
  f.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(f.machine.first()->respond(204) == errc::ok);
  f.receive(upgrading);
  CHECK(grant(f.machine) == errc::ok);
  const std::string shown = tests::text_of(f.machine.output(20));
  CHECK(f.receive() == lines{"switched"});
  f.machine.consume_output(20);
  CHECK(shown + f.output() == "HTTP/1.1 204 No Content\r\n\r\n" + std::string(switched_101));
}

TEST_CASE("a fin that doesn't fit into the list waits for the next one") {
  server f;
  f.receive(upgrading);
  CHECK(grant(f.machine) == errc::ok);
  CHECK(f.receive() == lines{"switched"});
  const std::string text(100, 's');
  for (int i = 0; i < 4; ++i) {
    CHECK(f.machine.second()->send(text_bytes(text), lifetime::stable) == errc::ok);
  }
  CHECK(f.machine.second()->finish() == errc::ok);
  const output_view view = f.machine.output(100'000);
  CHECK(view.pieces.size() == 2);
  CHECK(!view.fin);
  // Nothing of the second part: it has a fin to show, and doesn't lose it.
  f.machine.consume_output(switched_101.size());
  CHECK(f.output() == text + text + text + text + "|");
}

TEST_CASE("a refusal carries on with the first protocol, and a later request may switch") {
  server f;
  CHECK(f.receive(std::string(upgrading) + std::string(upgrading) + "x") ==
        lines{"request", "request end"});
  CHECK(f.machine.first()->respond(403) == errc::ok);
  CHECK(f.receive() == lines{"request", "request end"});
  CHECK(f.kept == "x");
  CHECK(grant(f.machine) == errc::ok);
  CHECK(f.receive() == lines{"switched", "data x"});
  CHECK(f.output() ==
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" + std::string(switched_101));
}

TEST_CASE("wishes go to the part that is there") {
  server f;
  f.receive(upgrading);
  CHECK(f.machine.second() == nullptr);
  CHECK(f.machine.apply(tunnel::command(tunnel::send{text_bytes("x")})) == errc::out_of_turn);
  CHECK(f.machine.apply(http1::server_command(http1::wish::respond{200, {{"a b", ""}}})) ==
        errc::invalid_argument);
  CHECK(f.machine.apply(http1::wish::switch_protocols{std::span(&echo, 1)}) == errc::ok);
  CHECK(f.machine.second() == nullptr);
  CHECK(f.receive() == lines{"switched"});
  CHECK(f.machine.first() == nullptr);
  CHECK(f.machine.apply(http1::wish::respond{}) == errc::connection_gone);
  CHECK(f.machine.apply(http1::wish::abort{}) == errc::connection_gone);
  CHECK(f.machine.apply(tunnel::send{text_bytes("x")}) == errc::ok);
  CHECK(f.output() == std::string(switched_101) + "x");
  CHECK(f.machine.apply(tunnel::abort{}) == errc::ok);
  CHECK(f.machine.ending() == ending::reset);
}

TEST_CASE("an object is as large as both parts, and little more") {
  CHECK(sizeof(server_machine) <= sizeof(http1::server) + sizeof(tunnel::connection) + 128);
  CHECK(sizeof(client_machine) <= sizeof(http1::client) + sizeof(tunnel::connection) + 128);
}

TEST_CASE("a client's tunnel begins with its 200, and takes what came with it") {
  client f;
  CHECK(f.machine.first()->send_request("CONNECT", "a:1", {}) == errc::ok);
  CHECK(f.output() == connecting);
  CHECK(f.receive(std::string(switched_200) + "early") == lines{"switched", "data early"});
  CHECK(f.machine.first() == nullptr);
  CHECK(f.machine.second()->send(text_bytes("x")) == errc::ok);
  CHECK(f.output() == "x");
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("a client's request that is still leaving leaves before the tunnel's bytes") {
  client f;
  const std::string body(1000, 'b');
  CHECK(f.machine.first()->send_request("POST", "/", {host, echo}, text_bytes(body)) == errc::ok);
  f.machine.consume_output(100);
  CHECK(f.receive(switched_101) == lines{"switched"});
  CHECK(f.machine.second()->send(text_bytes("frames")) == errc::ok);
  CHECK(f.output(70).ends_with("bbbframes"));
  CHECK(f.memory.in_use() == 0);
}
