// A server grants what a request asks to switch to: Upgrade by 101, CONNECT by 200.
#include "http1_fixture.hpp"

#include <string>

using namespace http1_test;
using http1::field;

namespace {

constexpr std::string_view upgrading =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo/2, other\r\n\r\n";
constexpr std::string_view connecting = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
constexpr field echo{"Upgrade", "echo/2"};

constexpr std::string_view switching =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo/2\r\nConnection: upgrade\r\n\r\n";

std::string upgrading_post(std::string_view fields, std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo/2\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace

TEST_CASE("RFC 9110 15.2.2: 101 names the protocol, and the machine's Connection names Upgrade",
          "[9110-15.2.2a][9110-7.8a][9110-7.8e]") {
  fixture f;
  f.at(0);
  CHECK(f.receive(upgrading) == lines{"GET /", "end"});
  CHECK(f.server.switch_protocols({{"X", "y"}, echo}) == errc::ok);
  CHECK(!f.server.response_open());
  CHECK(f.output() ==
        "HTTP/1.1 101 Switching Protocols\r\nX: y\r\nUpgrade: echo/2\r\n"
        "Connection: upgrade\r\n\r\n");
  CHECK(f.receive() == lines{"switched GET"});
  CHECK(f.server.ending() == ending::open);
}

TEST_CASE("RFC 9110 9.3.6: CONNECT is granted by a 200 without framing",
          "[9112-6.1f][9110-8.6d][9110-9.3.6d]") {
  fixture f;
  f.at(0);
  CHECK(f.receive(connecting) == lines{"CONNECT a:1", "end"});
  CHECK(f.server.switch_protocols({{"Via", "1.1 x"}}) == errc::ok);
  CHECK(f.output() ==
        "HTTP/1.1 200 OK\r\nVia: 1.1 x\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
  CHECK(f.receive() == lines{"switched CONNECT"});
}

TEST_CASE("RFC 9110 9.3.6: CONNECT of HTTP/1.0 opens a tunnel, too") {
  fixture f;
  CHECK(f.receive("CONNECT a:1 HTTP/1.0\r\n\r\n") == lines{"CONNECT a:1", "end"});
  CHECK(f.server.switch_protocols() == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\n\r\n");
}

TEST_CASE("behind a switch the machine takes no byte") {
  for (const std::string_view head : {upgrading, connecting}) {
    fixture f;
    f.react = [&](const http1::server_event& e) {
      if (!std::holds_alternative<http1::request>(e)) return;
      const bool upgrades = f.head->asks_upgrade;
      CHECK(f.server.switch_protocols(upgrades ? http1::field_list{std::span(&echo, 1)}
                                               : http1::field_list{}) == errc::ok);
    };
    CHECK(f.receive(std::string(head) + "GET / HTTP/1.1\r\n").size() == 3);
    CHECK(f.kept == "GET / HTTP/1.1\r\n");
    CHECK(f.receive("more").empty());
    CHECK(f.kept == "GET / HTTP/1.1\r\nmore");
    CHECK(f.server.exchange() == 0);
  }
}

TEST_CASE("the request's head lives until the next event is asked for, and so does its block") {
  fixture f;
  std::string target;
  f.react = [&](const http1::server_event& e) {
    if (const auto* s = std::get_if<http1::server_switched>(&e)) {
      CHECK(s->exchange == 1);
      target = s->head->target;
      CHECK(f.memory.in_use() == 2);
    }
    if (!std::holds_alternative<http1::request_end>(e)) return;
    CHECK(f.server.switch_protocols({echo}) == errc::ok);
  };
  f.receive(upgrading);
  CHECK(target == "/");
  CHECK(f.memory.in_use() == 1);
  f.output();
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("responses before a switch leave before it") {
  fixture f;
  f.receive(get);
  CHECK(f.server.respond(200) == errc::ok);
  CHECK(f.receive(upgrading) == lines{"GET /", "end"});
  CHECK(f.server.switch_protocols({echo}) == errc::ok);
  CHECK(f.receive() == lines{"switched GET"});
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + std::string(switching));
}

TEST_CASE("a refusal is a response, and what is behind it is a request") {
  fixture f;
  CHECK(f.receive(std::string(upgrading) + std::string(get)) == lines{"GET /", "end"});
  CHECK(f.server.respond(426, {{"Upgrade", "newer"}}) == errc::ok);
  CHECK(f.receive() == lines{"GET /", "end"});
  CHECK(f.output() ==
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: newer\r\nContent-Length: 0\r\n"
        "Connection: upgrade\r\n\r\n");
  CHECK(f.server.switch_protocols({echo}) == errc::out_of_turn);
  CHECK(f.server.respond(200) == errc::ok);
}

TEST_CASE("RFC 9110 7.8: no protocol is switched to that the client didn't offer",
          "[9110-7.8a][9110-7.8b][9110-5.6.1.1a]") {
  fixture f;
  f.receive(upgrading);
  const auto refuses = [&](http1::field_list fields) {
    const errc done = f.server.switch_protocols(fields);
    return done == errc::invalid_argument && f.server.queued() == 0 && f.server.response_open();
  };
  CHECK(refuses({}));
  CHECK(refuses({{"X", "y"}}));
  CHECK(refuses({{"Upgrade", ""}}));
  CHECK(refuses({{"Upgrade", ","}}));
  CHECK(refuses({{"Upgrade", "echo"}}));
  CHECK(refuses({{"Upgrade", "echo/2, third"}}));
  CHECK(refuses({echo, {"Upgrade", "third"}}));
  CHECK(refuses({{"Upgrade", "echo/2, other"}, {"a b", "c"}}));
  CHECK(f.server.switch_protocols({{"upgrade", "other, ECHO/2"}}) == errc::ok);
}

TEST_CASE("RFC 9110 7.8: what was offered is no protocol's name, and isn't sent back") {
  fixture f;
  f.receive("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: a b, /2, c/\r\n\r\n");
  for (const std::string_view name : {"a b", "/2", "c/"}) {
    CHECK(f.server.switch_protocols({{"Upgrade", name}}) == errc::invalid_argument);
  }
}

TEST_CASE("the framing of a switch is the machine's", "[9112-6.1f][9110-8.6d][9110-9.3.6d]") {
  for (const std::string_view head : {upgrading, connecting}) {
    fixture f;
    f.receive(head);
    const bool upgrades = head == upgrading;
    for (const field& wrong :
         {field{"Content-Length", "0"}, field{"Transfer-Encoding", "chunked"},
          field{"Connection", "close"}, field{"Connection", "upgrade"}, field{"X", "a\r\nb"}}) {
      INFO(wrong.name);
      const field both[] = {echo, wrong};
      CHECK(f.server.switch_protocols(std::span(both).subspan(upgrades ? 0 : 1)) ==
            errc::invalid_argument);
    }
    CHECK(f.server.queued() == 0);
  }
  fixture f;
  f.receive(connecting);
  CHECK(f.server.switch_protocols({echo}) == errc::invalid_argument);
  CHECK(f.server.respond(200) == errc::operation_not_supported);
  CHECK(f.server.respond(502) == errc::ok);
}

TEST_CASE("RFC 9110 7.8: nothing is switched that nobody asked for, nor in HTTP/1.0",
          "[9110-7.8b][9110-7.8f]") {
  for (const std::string_view head :
       {get, std::string_view("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: echo/2\r\n\r\n"),
        std::string_view("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: echo/2\r\n\r\n")}) {
    fixture f;
    CHECK(f.server.switch_protocols({echo}) == errc::out_of_turn);
    f.receive(head);
    CHECK(f.server.switch_protocols({echo}) == errc::out_of_turn);
    CHECK(f.server.respond(200) == errc::ok);
    CHECK(f.server.switch_protocols({echo}) == errc::out_of_turn);
  }
}

TEST_CASE("RFC 9110 7.8: a request is read whole before its protocol ends") {
  fixture f;
  CHECK(f.receive(upgrading_post("Content-Length: 3\r\n", "ab")) == lines{"POST /", "body ab"});
  CHECK(f.server.switch_protocols({echo}) == errc::out_of_turn);
  CHECK(f.receive("cd") == lines{"body c", "end"});
  CHECK(f.server.switch_protocols({echo}) == errc::ok);
  CHECK(f.receive() == lines{"switched POST"});
  CHECK(f.kept == "d");

  fixture g;
  CHECK(g.receive(upgrading_post("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n")) ==
        lines{"POST /", "body a"});
  CHECK(g.server.switch_protocols({echo}) == errc::out_of_turn);
  CHECK(g.receive("\r\nframe") == lines{"end"});
  CHECK(g.server.switch_protocols({echo}) == errc::ok);
  CHECK(g.kept == "frame");
}

TEST_CASE("RFC 9110 7.8: a 100 that is waited for goes before the 101", "[9110-7.8g]") {
  fixture f;
  f.receive(upgrading_post("Content-Length: 1\r\nExpect: 100-continue\r\n", ""));
  CHECK(f.server.switch_protocols({echo}) == errc::out_of_turn);
  f.receive("x");
  CHECK(f.server.switch_protocols({echo}) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 100 Continue\r\n\r\n" + std::string(switching));

  // Nobody said it, and the body came all the same.
  fixture g;
  g.react = [&](const http1::server_event& e) {
    if (std::holds_alternative<http1::request>(e)) CHECK(g.server.discard_body() == errc::ok);
  };
  g.receive(upgrading_post("Content-Length: 1\r\nExpect: 100-continue\r\n", "x"));
  CHECK(g.output().empty());
  CHECK(g.server.switch_protocols({echo}) == errc::ok);
  CHECK(g.output() == "HTTP/1.1 100 Continue\r\n\r\n" + std::string(switching));
}

TEST_CASE("a connection that is to be shut down switches to nothing more") {
  fixture f;
  f.receive(upgrading);
  CHECK(f.server.shut_down() == errc::ok);
  CHECK(f.server.switch_protocols({echo}) == errc::out_of_turn);
  CHECK(f.server.respond(503) == errc::ok);

  fixture g;
  g.receive(upgrading);
  CHECK(g.server.switch_protocols({echo}) == errc::ok);
  CHECK(g.server.shut_down() == errc::connection_gone);
}

TEST_CASE("behind a switch no wish is granted but abort") {
  fixture f;
  f.receive(upgrading);
  CHECK(f.server.apply(http1::wish::switch_protocols{std::span(&echo, 1)}) == errc::ok);
  CHECK(f.server.respond(200) == errc::out_of_turn);
  f.receive();
  CHECK(f.server.respond(200) == errc::connection_gone);
  CHECK(f.server.inform(103) == errc::connection_gone);
  CHECK(f.server.switch_protocols({echo}) == errc::connection_gone);
  CHECK(f.server.discard_body() == errc::connection_gone);
  CHECK(f.server.shut_down() == errc::connection_gone);
  CHECK(f.output() == switching);
  CHECK(f.server.abort() == errc::ok);
  CHECK(f.server.ending() == ending::reset);
}

TEST_CASE("behind a switch no time runs but that of writing it") {
  fixture f;
  f.at(0);
  f.receive(upgrading);
  CHECK(f.server.switch_protocols({echo}) == errc::ok);
  CHECK(f.receive("x") == lines{"switched GET"});
  CHECK(f.server.deadline() == instant{} + seconds(30));
  f.consume(10);
  f.at(29'000);
  CHECK(f.output() == switching.substr(10));
  CHECK(f.server.deadline() == instant::never());
  CHECK(f.at(1'000'000).empty());
  CHECK(f.server.ending() == ending::open);

  fixture deaf;
  deaf.at(0);
  deaf.receive(upgrading);
  CHECK(deaf.server.switch_protocols({echo}) == errc::ok);
  CHECK(deaf.receive() == lines{"switched GET"});
  CHECK(deaf.at(30'000).empty());
  CHECK(deaf.server.ending() == ending::reset);
  CHECK(deaf.server.output(1000).empty());
}

TEST_CASE("a peer that ends behind its request can still be answered by a switch") {
  fixture f;
  f.receive(connecting);
  f.eof();
  CHECK(f.server.switch_protocols() == errc::ok);
  CHECK(f.receive() == lines{"switched CONNECT"});
  CHECK(f.server.ending() == ending::close);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\n\r\n|");

  fixture lost;
  lost.receive(connecting);
  CHECK(lost.server.switch_protocols() == errc::ok);
  CHECK(lost.eof(false) == lines{"transport failed"});

  fixture late;
  late.receive(connecting);
  CHECK(late.server.switch_protocols() == errc::ok);
  CHECK(late.receive() == lines{"switched CONNECT"});
  CHECK(late.eof(false).empty());
  CHECK(late.server.ending() == ending::reset);
  CHECK(late.memory.in_use() == 0);
}

TEST_CASE("a switch without memory, or over the limit, is refused and possible later") {
  http1::limits l;
  l.output_bytes_max = 1000;
  fixture f(l);
  f.receive(upgrading);
  const std::string much(700, 'x');
  CHECK(f.server.inform(103, {{"X", much}}) == errc::ok);
  CHECK(f.server.switch_protocols({echo, {"X", much}}) == errc::would_exceed);
  CHECK(f.server.switch_protocols({echo, {"X", much + much}}) == errc::invalid_argument);
  f.output();
  f.memory.cap(1);
  CHECK(f.server.switch_protocols({echo}) == errc::no_memory);
  CHECK(f.server.queued() == 0);
  f.memory.cap(2);
  CHECK(f.server.switch_protocols({echo}) == errc::ok);
  CHECK(f.output() == switching);
}
