// A server that dies at any stage leaves nothing behind in a client, and the call is told once. No
// timeout helps, they are an hour.
#include "http_client_fixture.hpp"
#include "killed.hpp"

#include <catch2/generators/catch_generators_range.hpp>

#include <optional>

using namespace drywire;
using namespace drywire::tests;

namespace {

http_client_options patient() {
  http_client_options o;
  o.limits.head_timeout = o.limits.idle_timeout = o.limits.body_timeout = seconds(3600);
  o.limits.write_timeout = o.limits.response_timeout = seconds(3600);
  o.connect_timeout = seconds(3600);
  return o;
}

class raw_listener {
 public:
  raw_listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in where = raw_socket::loopback(0);
    socklen_t size = sizeof where;
    auto* const address = reinterpret_cast<sockaddr*>(&where);
    REQUIRE(::bind(fd_.get(), address, size) == 0);
    REQUIRE(::listen(fd_.get(), 8) == 0);
    REQUIRE(::getsockname(fd_.get(), address, &size) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(where.sin_port)) + "/";
  }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::optional<raw_socket> accept() const {
    const int fd = ::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return {};
    return raw_socket(test::descriptor(fd));
  }

 private:
  test::descriptor fd_;
  std::string url_;
};

struct stage {
  const char* name;
  std::string says;
  lines told;             // before it dies
  bool complete = false;  // by a FIN
};

const std::string ok_head = "HTTP/1.1 200 OK\r\n";
const stage stages[] = {
    {"accepted", "", {}},
    {"in the head", ok_head + "Content-Le", {}},
    {"behind an interim response", "HTTP/1.1 103 Early Hints\r\n\r\n", {"informational 103"}},
    {"behind the head", ok_head + "Content-Length: 9\r\n\r\n", {"head 200"}},
    {"in a body with a length", ok_head + "Content-Length: 9\r\n\r\nabc", {"head 200", "body abc"}},
    {"in a chunk",
     ok_head + "Transfer-Encoding: chunked\r\n\r\n9\r\nabc",
     {"head 200", "body abc"}},
    {"in the trailers",
     ok_head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTr",
     {"head 200", "body abc"}},
    {"in a body until the end", ok_head + "\r\nabc", {"head 200", "body abc"}, true},
};

struct fixture {
  explicit fixture(std::string_view name) : loop(make_backend(name)), client(*loop, patient()) {
    open_before = test::open_descriptors();
  }
  // The listener is the test's.
  void nothing_is_left() {
    turn_until(*loop, [&] { return client.connections() == 0; });
    settle(*loop);
    CHECK(client.waiting() == 0);
    CHECK(loop->core().blocks().held() == 0);
    CHECK(test::open_descriptors() == open_before);
  }
  void close() {
    client.close();
    turn_until(*loop, [&] { return !loop->run_once(milliseconds(1)); });
  }
  raw_socket accepted_from(const raw_listener& listening) {
    std::optional<raw_socket> peer;
    turn_until(*loop, [&] { return peer || (peer = listening.accept()); });
    return std::move(*peer);
  }

  std::unique_ptr<backend> loop;
  http_client client;
  std::size_t open_before = 0;
};

void warm_up(fixture& f) {
  recorded_call c;
  c.handle = f.client.start({.url = "http://127.0.0.1:1/"}, c);
  turn_until(*f.loop, [&] { return c.ended; });
  settle(*f.loop);
}

}  // namespace

TEST_CASE("a client keeps nothing of a server that died while it answered") {
  const auto name = GENERATE(from_range(backend_names()));
  CAPTURE(name);
  const std::size_t at_first = descriptors_without(name);
  {
    fixture f(name);
    warm_up(f);
    const raw_listener listening;
    f.open_before = test::open_descriptors();
    for (const stage& s : stages) {
      for (const death how : {death::reset, death::fin}) {
        CAPTURE(s.name, how == death::fin);
        recorded_call c;
        c.handle = f.client.start({.url = listening.url()}, c);
        raw_socket peer = f.accepted_from(listening);
        std::string request;
        turn_until(*f.loop, [&] {
          request += peer.receive();
          return request.ends_with("\r\n\r\n");
        });
        peer.send(s.says);
        settle(*f.loop);
        CHECK(c.told == s.told);
        CHECK_FALSE(c.ended);
        peer.die(how);
        turn_until(*f.loop, [&] { return c.ended; });
        CHECK(c.outcome.complete() == (s.complete && how == death::fin));
        f.nothing_is_left();
      }
    }
    f.close();
  }
  CHECK(test::open_descriptors() == at_first);
}

TEST_CASE("a client keeps nothing of a server that died before it accepted") {
  const auto name = GENERATE(from_range(backend_names()));
  CAPTURE(name);
  fixture f(name);
  warm_up(f);
  f.open_before = test::open_descriptors();
  recorded_call c;
  {
    const raw_listener listening;
    c.handle = f.client.start({.url = listening.url()}, c);
    settle(*f.loop);
    CHECK_FALSE(c.ended);
  }
  turn_until(*f.loop, [&] { return c.ended; });
  CHECK(c.outcome.end == http_end::transport_failed);
  f.nothing_is_left();
  f.close();
}

TEST_CASE("a client keeps nothing of a server that died while it didn't read") {
  const auto name = GENERATE(from_range(backend_names()));
  const auto how = GENERATE(death::reset, death::fin);
  CAPTURE(name, how == death::fin);
  fixture f(name);
  warm_up(f);
  const raw_listener listening;
  f.open_before = test::open_descriptors();
  recorded_call c;
  std::size_t pulled = 0, pulled_before = 0;
  c.handle = f.client.start(
      {.method = "PUT", .url = listening.url(), .source = std::make_unique<endless_source>(pulled)},
      c);
  raw_socket peer = f.accepted_from(listening);
  turn_until(*f.loop, [&] {
    pulled_before = pulled;
    settle(*f.loop);
    return pulled != 0 && pulled == pulled_before;
  });
  CHECK_FALSE(c.ended);
  peer.die(how);
  turn_until(*f.loop, [&] { return c.ended; });
  CHECK_FALSE(c.outcome.complete());
  f.nothing_is_left();
  f.close();
}

TEST_CASE("a client keeps no idle connection to a server that died") {
  const auto name = GENERATE(from_range(backend_names()));
  const auto how = GENERATE(death::reset, death::fin);
  CAPTURE(name, how == death::fin);
  fixture f(name);
  warm_up(f);
  const raw_listener listening;
  f.open_before = test::open_descriptors();
  recorded_call c;
  c.handle = f.client.start({.url = listening.url()}, c);
  raw_socket peer = f.accepted_from(listening);
  settle(*f.loop);
  CHECK(peer.receive().ends_with("\r\n\r\n"));
  peer.send(ok);
  turn_until(*f.loop, [&] { return c.ended; });
  CHECK(c.told == told_ok);
  CHECK(f.client.idle_connections() == 1);
  peer.die(how);
  f.nothing_is_left();
  CHECK(f.client.idle_connections() == 0);
  f.close();
}
