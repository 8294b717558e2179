// A client that dies at any stage leaves nothing behind in a server: no connection, no block, no
// descriptor, nothing that keeps the loop running. No timeout helps, they are an hour. Blocks of
// its storage are counted by the storage's destructor.
#include "../loop/descriptors.hpp"
#include "killed.hpp"

#include <drywire/adapters/http_server.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <string>
#include <string_view>
#include <utility>

using namespace drywire;
using namespace drywire::tests;

namespace {

http_server_options patient() {
  http_server_options o;
  o.limits.head_timeout = o.limits.idle_timeout = o.limits.body_timeout = seconds(3600);
  o.limits.write_timeout = o.limits.linger_timeout = seconds(3600);
  return o;
}

// A server whose application never ends what it began.
struct fixture {
  explicit fixture(std::string_view name)
      : loop(make_backend(name)), server(*loop, handler(), patient()) {
    const auto address = server.listen(endpoint::loopback_v4(0));
    REQUIRE(address);
    where = *address;
  }

  http_server::handler handler() {
    return [this](exchange& x) { answer(x); };
  }

  void answer(exchange& x) {
    ++begun;
    x.on_end([this](bool complete) { ++(complete ? answered : cut_off); });
    const std::string_view target = x.request().target;
    if (target == "/now") {
      CHECK(x.respond(200, {}, "hello\n") == errc::ok);
    } else if (target == "/endless") {
      CHECK(x.respond_from(200, {}, std::make_unique<endless_source>(pulled)) == errc::ok);
    } else {
      waiting = x.handle();
      x.read_body([this](exchange&, const_bytes piece, bool) { body_bytes += piece.size(); });
    }
  }

  std::unique_ptr<backend> loop;
  http_server server;
  endpoint where;
  exchange_handle waiting;
  int begun = 0, answered = 0, cut_off = 0;
  std::size_t body_bytes = 0, pulled = 0, pulled_before = 0;
};

struct stage {
  const char* name;
  std::string sends;
  bool (*reached)(fixture&, const std::string& received);
};

bool any(fixture&, const std::string&) { return true; }
bool asked(fixture& f, const std::string&) { return f.begun == 1; }
bool no_more_fits(fixture& f, const std::string&) {
  return f.pulled != 0 && f.pulled == std::exchange(f.pulled_before, f.pulled);
}
bool three_bytes(fixture& f, const std::string&) { return f.body_bytes == 3; }

const std::string host = " HTTP/1.1\r\nHost: a\r\n";
const stage stages[] = {
    {"connected", "", any},
    {"in the head", "GET /now HTTP/1.1\r\nHos", any},
    {"behind the head", "PUT /later" + host + "Content-Length: 9\r\n\r\n", asked},
    {"in the body", "PUT /later" + host + "Content-Length: 9\r\n\r\nabc", three_bytes},
    {"in a chunk", "PUT /later" + host + "Transfer-Encoding: chunked\r\n\r\n9\r\nabc", three_bytes},
    {"before the response", "GET /later" + host + "\r\n", asked},
    {"in the response", "GET /endless" + host + "\r\n", no_more_fits},
    {"behind the response", "GET /now" + host + "\r\n",
     [](fixture& f, const std::string& got) {
       return f.answered == 1 && got.ends_with("hello\n");
     }},
    {"in the trailers",
     "PUT /later" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTr", three_bytes},
    {"asked to go on", "PUT /later" + host + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
     [](fixture&, const std::string& got) { return got == "HTTP/1.1 100 Continue\r\n\r\n"; }},
    {"with requests behind", "GET /later" + host + "\r\nGET /now" + host + "\r\nGET", asked},
};

}  // namespace

TEST_CASE("a server keeps nothing of a client that died") {
  const auto name = GENERATE(from_range(backend_names()));
  CAPTURE(name);
  const std::size_t at_first = descriptors_without(name);
  {
    fixture f(name);
    // What a loop opens when it is first needed.
    raw_socket::connected_to(f.where).die(death::reset);
    turn_until(*f.loop, [&] { return f.server.connections() == 0; });
    settle(*f.loop);
    const std::size_t before = test::open_descriptors();
    for (const stage& s : stages) {
      for (const death how : {death::reset, death::fin}) {
        CAPTURE(s.name, how == death::fin);
        f.begun = f.answered = f.cut_off = 0;
        f.body_bytes = f.pulled = 0;
        raw_socket peer = raw_socket::connected_to(f.where);
        peer.send(s.sends);
        std::string got;
        turn_until(*f.loop, [&] {
          settle(*f.loop);
          if (f.pulled == 0) got += peer.receive();
          return f.server.connections() == 1 && s.reached(f, got);
        });
        CHECK(f.cut_off == 0);
        peer.die(how);
        settle(*f.loop);
        // Who has only ended its sending might still read: that it has gone is told by the answer.
        if (f.waiting) static_cast<void>(f.waiting->respond(200, {}, "late"));
        f.waiting = {};
        turn_until(*f.loop, [&] { return f.server.connections() == 0; });
        settle(*f.loop);
        CHECK(f.answered + f.cut_off == f.begun);
        CHECK(f.loop->core().blocks().held() == 0);
        CHECK(test::open_descriptors() == before);
      }
    }
    f.server.drain();
    turn_until(*f.loop, [&] { return !f.loop->run_once(milliseconds(1)); });
  }
  CHECK(test::open_descriptors() == at_first);
}
