#include "http1_fixture.hpp"

#include <array>

using namespace http1_test;
using http1::lifetime;

namespace {

struct open_fixture : fixture {
  // With a request whose response is to come. No clock: no Date.
  explicit open_fixture(std::string_view request = get) { receive(request); }
};

constexpr std::string_view head_request = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view old_get = "GET / HTTP/1.0\r\n\r\n";
constexpr std::string_view old_keep = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

errc respond(fixture& f, unsigned status, http1::field_list fields = {}, std::string_view body = {},
             lifetime life = lifetime::copied) {
  return f.server.respond(status, fields, text_bytes(body), life);
}

errc send(fixture& f, std::string_view bytes, lifetime life = lifetime::copied) {
  return f.server.send(text_bytes(bytes), life);
}

}  // namespace

TEST_CASE("a response has its length, and the connection goes on", "[9110-6.2b]") {
  open_fixture f;
  CHECK(respond(f, 200, {{"Content-Type", "text/plain"}}, "hello") == errc::ok);
  CHECK(f.output() ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(f.receive() == lines{"over 1"});
  CHECK(f.server.ending() == ending::open);
  CHECK(f.memory.in_use() == 0);
  CHECK(f.receive(get) == lines{"GET /", "end"});
  CHECK(f.server.exchange() == 2);
}

TEST_CASE("Date is the machine's unless there is one, and only if it knows the time",
          "[9110-6.6.1a][9110-5.3b][9110-5.6.7b][9110-5.6.7c]") {
  fixture f;
  f.at(0);
  f.receive(get);
  REQUIRE(respond(f, 200) == errc::ok);
  CHECK(f.output() ==
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n");
  f.at(1000);
  f.receive(get);
  REQUIRE(respond(f, 200) == errc::ok);
  CHECK(f.output().find("08:49:38 GMT") != std::string::npos);
  f.receive(get);
  REQUIRE(respond(f, 200, {{"date", "yesterday"}}) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\ndate: yesterday\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a reason is the registered one, or the application's", "[9112-4a]") {
  open_fixture f;
  REQUIRE(f.server.respond(299) == errc::ok);
  CHECK(f.output().find("HTTP/1.1 299 \r\n") == 0);
  open_fixture g;
  CHECK(g.server.respond(200, {}, {}, lifetime::copied, "a\r\nb") == errc::invalid_argument);
  REQUIRE(g.server.respond(200, {}, {}, lifetime::copied, "Fine") == errc::ok);
  CHECK(g.output().find("HTTP/1.1 200 Fine\r\n") == 0);
}

TEST_CASE("statuses without content have none", "[9112-6.1e][9110-15.3.6a]") {
  for (const unsigned status : {204U, 205U, 304U}) {
    open_fixture f;
    CHECK(respond(f, status, {}, "x") == errc::invalid_argument);
    REQUIRE(respond(f, status, {{"ETag", "\"1\""}}) == errc::ok);
    const std::string output = f.output();
    CHECK((output.find("Content-Length: 0") != output.npos) == (status == 205));
    CHECK(output.find("Transfer-Encoding") == output.npos);
    CHECK(output.substr(output.size() - 4) == "\r\n\r\n");

    open_fixture g;
    REQUIRE(g.server.start_response(status) == errc::ok);
    CHECK(send(g, "x") == errc::invalid_argument);
    CHECK(g.server.finish() == errc::ok);
    CHECK(g.output().find("Transfer-Encoding") == std::string::npos);
  }
}

TEST_CASE("a 304 may say how long the body would be", "[9110-8.6b]") {
  open_fixture f;
  REQUIRE(respond(f, 304, {{"Content-Length", "1000"}}) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n");
}

TEST_CASE("a HEAD is answered with the head alone", "[9110-8.6a][9110-9.3.2a]") {
  open_fixture f(head_request);
  REQUIRE(respond(f, 200, {}, "hello") == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");

  open_fixture declared(head_request);
  REQUIRE(respond(declared, 200, {{"Content-Length", "77"}}) == errc::ok);
  CHECK(declared.output() == "HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");

  open_fixture streamed(head_request);
  REQUIRE(streamed.server.start_response(200) == errc::ok);
  CHECK(send(streamed, "hello") == errc::ok);
  CHECK(streamed.server.finish({{"X", "y"}}) == errc::ok);
  CHECK(streamed.output() == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  CHECK(streamed.receive(get) == lines{"over 1", "GET /", "end"});

  open_fixture short_of(head_request);
  REQUIRE(short_of.server.start_response(200, {}, 10) == errc::ok);
  CHECK(short_of.server.finish() == errc::ok);

  open_fixture pulled(head_request);
  scripted_source source({{5, scripted_source::end}});
  REQUIRE(pulled.server.start_response(200, {}, 5) == errc::ok);
  REQUIRE(pulled.server.pull_from(source) == errc::ok);
  CHECK(pulled.output() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  CHECK(source.pulls == 0);
}

TEST_CASE("a streamed body of known length is neither longer nor shorter") {
  open_fixture f;
  REQUIRE(f.server.start_response(200, {}, 5) == errc::ok);
  CHECK(f.server.response_open());
  CHECK(send(f, "hell") == errc::ok);
  CHECK(send(f, "") == errc::ok);
  CHECK(f.server.finish() == errc::invalid_argument);
  CHECK(send(f, "oo") == errc::invalid_argument);
  CHECK(send(f, "o") == errc::ok);
  CHECK(f.server.finish({{"X", "y"}}) == errc::invalid_argument);
  CHECK(f.server.finish() == errc::ok);
  CHECK(!f.server.response_open());
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

TEST_CASE("a Content-Length among the fields is the length") {
  open_fixture f;
  CHECK(f.server.start_response(200, {{"Content-Length", "5"}}, 6) == errc::invalid_argument);
  REQUIRE(f.server.start_response(200, {{"content-length", "5"}}) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  open_fixture g;
  CHECK(respond(g, 200, {{"Content-Length", "4"}}, "hello") == errc::invalid_argument);
  CHECK(respond(g, 200, {{"Content-Length", "5"}}, "hello") == errc::ok);
}

TEST_CASE("a streamed body of unknown length is chunked, with trailers if there are some",
          "[9112-6.2a][9110-5.6.3a]") {
  open_fixture f;
  REQUIRE(f.server.start_response(200) == errc::ok);
  CHECK(send(f, "hello") == errc::ok);
  CHECK(send(f, std::string(300, 'x')) == errc::ok);
  CHECK(f.server.finish({{"Digest", "1"}, {"X", "2"}}) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n12c\r\n" +
                          std::string(300, 'x') + "\r\n0\r\nDigest: 1\r\nX: 2\r\n\r\n");
}

TEST_CASE("trailers that may not be are refused", "[9110-6.5.1a]") {
  open_fixture f;
  REQUIRE(f.server.start_response(200) == errc::ok);
  CHECK(f.server.finish({{"Content-Length", "1"}}) == errc::invalid_argument);
  CHECK(f.server.finish({{"X", "a\nb"}}) == errc::invalid_argument);
  CHECK(f.server.finish({{"", "a"}}) == errc::invalid_argument);
  CHECK(f.server.finish() == errc::ok);
}

TEST_CASE("to HTTP/1.0 a body of unknown length ends with the connection", "[9112-6.1h]") {
  open_fixture f(old_keep);
  REQUIRE(f.server.start_response(200) == errc::ok);
  CHECK(send(f, "hello") == errc::ok);
  CHECK(f.server.finish({{"X", "dropped"}}) == errc::ok);
  f.receive();
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello|");
  CHECK(f.receive() == lines{"over 1"});
  CHECK(f.server.ending() == ending::draining);
}

TEST_CASE("HTTP/1.0 is kept alive if it asks for it") {
  open_fixture f(old_keep);
  REQUIRE(respond(f, 200) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(f.receive(old_get) == lines{"over 1", "GET /", "end"});
  REQUIRE(respond(f, 200) == errc::ok);
  f.receive();
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n|");
}

TEST_CASE("nothing malformed leaves, and a refused wish changes nothing",
          "[9112-2.2b][9112-6.1b][9110-2.2b][9110-5.3b][9110-7.6.1c]") {
  open_fixture f;
  const std::array<http1::field, 13> bad{{{"", "x"},
                                          {"a b", "x"},
                                          {"a:", "x"},
                                          {"a\r\n", "x"},
                                          {"\xe4", "x"},
                                          {"X", "a\rb"},
                                          {"X", "a\nb"},
                                          {"X", std::string_view("a\0b", 3)},
                                          {"X", "a\x7f"},
                                          {"Transfer-Encoding", "chunked"},
                                          {"Connection", "keep-alive"},
                                          {"Connection", "upgrade"},
                                          {"Content-Length", "x"}}};
  for (const http1::field& b : bad) {
    const std::array<http1::field, 2> fields{{{"Good", "one"}, b}};
    CHECK(f.server.respond(200, fields) == errc::invalid_argument);
    CHECK(f.server.start_response(200, fields) == errc::invalid_argument);
  }
  CHECK(respond(f, 200, {{"Content-Length", "0"}, {"Content-Length", "0"}}) ==
        errc::invalid_argument);
  for (const unsigned status : {0U, 99U, 100U, 101U, 199U, 600U, 1000U}) {
    CHECK(respond(f, status) == errc::invalid_argument);
  }
  CHECK(f.output().empty());
  CHECK(f.server.response_open());
  CHECK(respond(f, 200) == errc::ok);
}

TEST_CASE("an application may say close", "[9112-9.6d]") {
  open_fixture f;
  REQUIRE(respond(f, 200, {{"Connection", "Close"}}) == errc::ok);
  f.receive();
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n|");
  CHECK(f.receive() == lines{"over 1"});
  CHECK(f.server.ending() == ending::draining);
}

TEST_CASE("Upgrade is named by Connection", "[9110-7.8e][9110-7.6.1a]") {
  open_fixture f;
  REQUIRE(respond(f, 426, {{"Upgrade", "websocket"}}) == errc::ok);
  CHECK(f.output() ==
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n"
        "Connection: upgrade\r\n\r\n");
}

TEST_CASE("wishes out of turn") {
  fixture f;
  CHECK(f.server.respond(200) == errc::out_of_turn);
  CHECK(f.server.finish() == errc::out_of_turn);
  CHECK(f.server.hold_body() == errc::out_of_turn);
  f.receive(get);
  CHECK(send(f, "x") == errc::out_of_turn);
  CHECK(f.server.finish() == errc::out_of_turn);
  CHECK(f.server.send_continue() == errc::out_of_turn);
  CHECK(f.server.raise_body_limit(1) == errc::out_of_turn);
  REQUIRE(f.server.start_response(200) == errc::ok);
  CHECK(f.server.respond(200) == errc::out_of_turn);
  CHECK(f.server.start_response(200) == errc::out_of_turn);
  CHECK(f.server.inform(103) == errc::out_of_turn);
  REQUIRE(f.server.finish() == errc::ok);
  CHECK(send(f, "x") == errc::out_of_turn);
  CHECK(f.server.finish() == errc::out_of_turn);
}

TEST_CASE("a tunnel isn't to be had") {
  open_fixture f("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(respond(f, 200) == errc::operation_not_supported);
  CHECK(respond(f, 405) == errc::ok);
  f.receive(get);
  CHECK(f.output().find("Connection: close") != std::string::npos);
  CHECK(f.receive() == lines{"over 1"});
  CHECK(f.server.ending() == ending::draining);
}

TEST_CASE("every wish is also data") {
  open_fixture f("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  scripted_source source({{2, scripted_source::end}});
  namespace wish = http1::wish;
  CHECK(f.server.apply(wish::inform{103, {{"Link", "</x>"}}}) == errc::ok);
  CHECK(f.server.apply(wish::raise_body_limit{5}) == errc::ok);
  CHECK(f.server.apply(wish::hold_body{}) == errc::ok);
  CHECK(f.server.apply(wish::resume_body{}) == errc::ok);
  CHECK(f.server.apply(wish::discard_body{}) == errc::ok);
  CHECK(f.server.apply(wish::start_response{.status = 201}) == errc::ok);
  CHECK(f.server.apply(wish::send{text_bytes("a")}) == errc::ok);
  CHECK(f.server.apply(wish::pull_from{nullptr}) == errc::invalid_argument);
  CHECK(f.server.apply(wish::pull_from{&source}) == errc::ok);
  CHECK(f.server.apply(wish::finish{}) == errc::out_of_turn);
  CHECK(f.output() ==
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 201 Created\r\n"
        "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0002\r\nxx\r\n0\r\n\r\n");
  CHECK(f.receive("0\r\n\r\n" + std::string(get)) == lines{"end", "over 1", "GET /", "end"});
  CHECK(f.server.apply(wish::respond{.status = 404}) == errc::ok);
  CHECK(f.server.apply(wish::shut_down{}) == errc::ok);
  CHECK(f.server.apply(wish::abort{}) == errc::ok);
  CHECK(f.server.ending() == ending::reset);
}

TEST_CASE("informational responses come before the final one", "[9110-15.2a][9110-8.6c]") {
  open_fixture f;
  CHECK(f.server.inform(103, {{"Link", "</a.css>"}}) == errc::ok);
  CHECK(f.server.inform(102) == errc::ok);
  CHECK(f.server.inform(101) == errc::operation_not_supported);
  CHECK(f.server.inform(200) == errc::invalid_argument);
  CHECK(f.server.inform(103, {{"Content-Length", "1"}}) == errc::invalid_argument);
  REQUIRE(respond(f, 200) == errc::ok);
  CHECK(f.output() ==
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  open_fixture g(old_get);
  CHECK(g.server.inform(103) == errc::operation_not_supported);
}

TEST_CASE("lent bytes are written from where they lie, or copied when they die") {
  open_fixture f("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
  REQUIRE(f.server.start_response(200, {}, 100) == errc::ok);
  std::string lent(100, 'x');
  REQUIRE(send(f, lent, lifetime::lent) == errc::ok);
  const auto pieces = f.server.output(1000).pieces;
  REQUIRE(pieces.size() == 2);
  CHECK(as_text(pieces[1]).data() == lent.data());
  REQUIRE(f.server.retain_output() == errc::ok);
  lent.assign(100, '?');
  CHECK(f.output().ends_with("\r\n\r\n" + std::string(100, 'x')));
}

TEST_CASE("stable bytes are never copied") {
  open_fixture f;
  const std::string stable(1 << 22, 's');
  REQUIRE(respond(f, 200, {}, stable, lifetime::stable) == errc::ok);
  REQUIRE(f.server.retain_output() == errc::ok);
  CHECK(f.memory.in_use() == 2);  // the request's, and one for the head
  const auto pieces = f.server.output(1 << 23).pieces;
  REQUIRE(pieces.size() == 2);
  CHECK(as_text(pieces[1]).data() == stable.data());
  CHECK(f.server.queued() == pieces[0].size() + stable.size());
}

TEST_CASE("exchange_over says up to where stable bytes are free") {
  fixture f;
  const std::string stable(100, 's');
  f.react = [&](const http1::server_event& e) {
    if (std::holds_alternative<http1::request_end>(e)) {
      CHECK(respond(f, 200, {}, stable, lifetime::stable) == errc::ok);
    }
  };
  CHECK(f.receive(std::string(get) + std::string(get) + std::string(get)).size() == 6);
  const std::size_t each = f.server.queued() / 3;
  CHECK(f.server.output(10000).pieces.size() == 6);
  f.consume(each - 1);
  CHECK(f.receive().empty());
  f.consume(1);
  CHECK(f.receive() == lines{"over 1"});
  f.consume(each);
  CHECK(f.receive().empty());  // the second one goes with the third
  f.output();
  CHECK(f.receive() == lines{"over 3"});
}

TEST_CASE("the last response's end is told like any other's") {
  for (const bool shut_down : {false, true}) {
    open_fixture f;
    REQUIRE(respond(f, 200, {}, "x") == errc::ok);
    f.receive();
    if (shut_down) CHECK(f.server.shut_down() == errc::ok);
    if (!shut_down) CHECK(f.eof().empty());
    CHECK(f.server.ending() == ending::open);
    f.consume(f.server.queued() - 1);
    CHECK(f.receive("eaten").empty());
    CHECK(f.kept.empty());
    CHECK(f.output() == "x|");
    CHECK(f.receive() == lines{"over 1"});
    CHECK(f.server.ending() == (shut_down ? ending::draining : ending::close));
  }
}

TEST_CASE("the linger behind the last response begins with its end") {
  open_fixture f;
  f.at(0);
  REQUIRE(respond(f, 200, {{"Connection", "close"}}) == errc::ok);
  f.at(1'000);
  CHECK(f.output().ends_with("|"));
  CHECK(f.at(1'500) == lines{"over 1"});
  CHECK(f.server.deadline() == instant{} + milliseconds(1'500) + http1::limits{}.linger_timeout);
}

TEST_CASE("pipelined responses leave in one list") {
  fixture f;
  f.react = [&](const http1::server_event& e) {
    if (std::holds_alternative<http1::request_end>(e)) CHECK(respond(f, 200, {}, "x") == errc::ok);
  };
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += get;
  CHECK(f.receive(sixteen).size() == 32);
  CHECK(f.server.output(100000).pieces.size() == 1);
}

TEST_CASE("output over its limit is refused, and room is announced") {
  http1::limits l;
  l.output_bytes_max = 10'000;
  l.output_low_bytes = 1'000;
  fixture f(l);
  f.receive(get);
  CHECK(respond(f, 200, {}, std::string(10'000, 'x')) == errc::invalid_argument);  // never
  REQUIRE(f.server.start_response(200) == errc::ok);
  REQUIRE(send(f, std::string(6'000, 'x')) == errc::ok);
  CHECK(send(f, std::string(6'000, 'x')) == errc::would_exceed);
  CHECK(f.receive().empty());
  f.consume(5'000);
  CHECK(f.receive().empty());
  f.consume(900);
  CHECK(f.receive() == lines{"low"});
  CHECK(f.receive().empty());
  CHECK(send(f, std::string(6'000, 'x')) == errc::ok);
}

TEST_CASE("room for output isn't announced again before anything has left") {
  http1::limits l;
  l.output_bytes_max = 10'000;
  l.output_low_bytes = 1'000;
  fixture f(l);
  f.receive(get);
  REQUIRE(f.server.start_response(200) == errc::ok);
  CHECK(send(f, std::string(9'950, 'x')) == errc::would_exceed);
  CHECK(f.receive().empty());
  f.consume(1);
  CHECK(f.receive() == lines{"low"});
  CHECK(send(f, std::string(9'950, 'x')) == errc::would_exceed);
  CHECK(f.receive().empty());
  f.output();
  CHECK(f.receive() == lines{"low"});
  CHECK(send(f, std::string(9'950, 'x')) == errc::ok);
}

TEST_CASE("RFC 9112 7.1.2: trailers that are refused for their size leave nothing of them") {
  http1::limits l;
  l.output_bytes_max = 1'000;
  fixture f(l);
  f.receive(get);
  REQUIRE(f.server.start_response(200) == errc::ok);
  f.output();
  const std::string long_one(600, 'x');
  CHECK(f.server.finish({{"X", long_one}, {"Y", long_one}}) == errc::invalid_argument);
  CHECK(f.server.queued() == 0);
  CHECK(f.server.finish() == errc::ok);
  CHECK(f.output() == "0\r\n\r\n");
}

TEST_CASE("a peer that doesn't read responses is read no further") {
  http1::limits l;
  l.output_low_bytes = 1'000;
  fixture f(l);
  f.react = [&](const http1::server_event& e) {
    if (std::holds_alternative<http1::request_end>(e)) {
      CHECK(respond(f, 200, {}, std::string(600, 'x')) == errc::ok);
    }
  };
  std::string many;
  for (int i = 0; i < 10; ++i) many += get;
  CHECK(f.receive(many).size() == 4);
  CHECK(f.kept.size() == 8 * get.size());
  CHECK(f.server.wants_input());
  f.output();
  CHECK(f.receive().size() == 5);  // the first two are over, and two more
}

TEST_CASE("an echo is slowed down by its own output") {
  http1::limits l;
  l.output_low_bytes = 1'000;
  fixture f(l);
  f.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000\r\n\r\n");
  REQUIRE(f.server.start_response(200, {}, 8000) == errc::ok);
  f.react = [&](const http1::server_event& e) {
    if (const auto* b = std::get_if<http1::body>(&e)) {
      CHECK(f.server.send(b->bytes, lifetime::lent) == errc::ok);
    }
  };
  f.receive(std::string(2000, 'a'));
  CHECK(f.server.queued() == 1'001);  // not low any more, by one byte, however the input comes
  CHECK(f.receive(std::string(2000, 'b')).empty());
  CHECK(f.server.queued() == 1'001);
  std::string all;
  while (f.server.queued() > 0) {
    all += f.output();
    f.receive();
  }
  CHECK(f.kept.empty());
  CHECK(all.ends_with("\r\n\r\n" + std::string(2000, 'a') + std::string(2000, 'b')));
}

TEST_CASE("a source is pulled when output runs low, in constant memory") {
  open_fixture f;
  scripted_source source({{10'000'000, scripted_source::end}});
  REQUIRE(f.server.start_response(200, {}, 10'000'000) == errc::ok);
  REQUIRE(f.server.pull_from(source) == errc::ok);
  std::size_t written = 0;
  while (f.server.exchange() != 0 || f.server.queued() > 0) {
    const std::size_t size = f.server.output(64 * 1024).size();
    REQUIRE(size > 0);
    written += size;
    f.server.consume_output(size);
    f.receive();
  }
  CHECK(written ==
        10'000'000 +
            std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n").size());
  CHECK(f.memory.in_use_most() <= 6);
  CHECK(f.server.ending() == ending::open);
}

TEST_CASE("a source of unknown length is chunked") {
  open_fixture f;
  scripted_source source(
      {{3, scripted_source::more}, {0, scripted_source::later}, {300, scripted_source::end}});
  REQUIRE(f.server.start_response(200) == errc::ok);
  REQUIRE(f.server.pull_from(source) == errc::ok);
  CHECK(f.output() ==
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0003\r\nxxx\r\n012c\r\n" +
            std::string(300, 'x') + "\r\n0\r\n\r\n");
  CHECK(f.receive() == lines{"over 1"});
}

TEST_CASE("a source that has nothing now is asked again at the next drain") {
  open_fixture f;
  scripted_source source(
      {{0, scripted_source::later}, {0, scripted_source::later}, {2, scripted_source::end}});
  REQUIRE(f.server.start_response(200, {}, 2) == errc::ok);
  REQUIRE(f.server.pull_from(source) == errc::ok);
  const std::size_t head = f.server.output(1000).size();
  f.server.consume_output(head);
  CHECK(f.server.output(1000).empty());
  CHECK(source.pulls == 2);
  CHECK(f.server.deadline() == instant::never());
  CHECK(f.output() == "xx");
}

TEST_CASE("a source that fails, or ends early, resets the connection") {
  for (const auto then : {scripted_source::failed, scripted_source::end}) {
    open_fixture f;
    scripted_source source({{5, then}});
    REQUIRE(f.server.start_response(200, {}, 10) == errc::ok);
    REQUIRE(f.server.pull_from(source) == errc::ok);
    CHECK(f.server.output(1000).empty());
    CHECK(f.server.ending() == ending::reset);
    CHECK(f.memory.in_use() == 0);
    CHECK(f.receive(get).empty());
  }
}

TEST_CASE("a source with a known length is asked for no more than that") {
  open_fixture f;
  scripted_source source({{100, scripted_source::more}});
  REQUIRE(f.server.start_response(200, {}, 7) == errc::ok);
  REQUIRE(f.server.pull_from(source) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nxxxxxxx");
  CHECK(f.receive() == lines{"over 1"});
}

TEST_CASE("fields of any length leave whole") {
  open_fixture f;
  const std::string name(600, 'n');
  const std::string value(50'000, 'v');
  REQUIRE(respond(f, 200, {{name, value}, {"X", "y"}}) == errc::ok);
  CHECK(f.output(100'000) ==
        "HTTP/1.1 200 OK\r\n" + name + ": " + value + "\r\nX: y\r\nContent-Length: 0\r\n\r\n");
}
