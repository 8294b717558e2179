// Exchanges at random between a client and a server over a transport that ends, breaks or falls
// silent anywhere, between applications that stall, stop and give up: every exchange ends right or
// with a name for what went wrong, in time, and no block is kept.
#include "http1_pair_plan.hpp"
#include "http1_pair_server.hpp"

#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/pair.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <string>
#include <vector>

using namespace drywire;
using namespace http1;
using http1_test::exchange_plan;
using http1_test::random_plan;

namespace {

constexpr std::uint64_t seeds = 5000;
constexpr std::size_t exchanges = 6;
constexpr int rounds = 8;
constexpr std::size_t pause_ms_max = 50'000;

// All times of both sides, one after the other.
duration patience() {
  const client_limits c;
  const limits s;
  std::int64_t sum = c.response_timeout.nanoseconds + c.expect_timeout.nanoseconds;
  for (const limits& l : {limits(c), s}) {
    for (const duration each :
         {l.head_timeout, l.idle_timeout, l.body_timeout, l.write_timeout, l.linger_timeout}) {
      sum += each.nanoseconds;
    }
  }
  return nanoseconds(sum);
}

using tally = std::map<std::string, std::size_t>;

class world {
 public:
  world(std::uint64_t seed, tally& seen)
      : numbers_(seed), seen_(seen), client_(memory_, some_limits()) {
    for (std::size_t i = 0; i < exchanges; ++i) all_.push_back(random_plan(numbers_));
    constexpr std::size_t sizes[] = {1, 3, 17, 500, 65536, 65536};
    joined_.first.window = sizes[numbers_.below(6)];
    joined_.second.window = sizes[numbers_.below(6)];
    joined_.first.portion = sizes[numbers_.below(6)];
    joined_.second.portion = sizes[numbers_.below(6)];
    constexpr testkit::way fates[] = {testkit::way::ends, testkit::way::breaks,
                                      testkit::way::falls_silent};
    if (once_in(3)) joined_.first.fate = fates[numbers_.below(3)];
    if (once_in(3)) joined_.second.fate = fates[numbers_.below(3)];
    joined_.first.bytes_left = 1 + numbers_.below(1500);
    joined_.second.bytes_left = 1 + numbers_.below(1500);
  }

  void run() {
    for (int round = 0; round < rounds; ++round) {
      ask();
      joined_.pass(milliseconds(static_cast<std::int64_t>(numbers_.below(pause_ms_max))));
      go_on();
      interfere();
    }
    patient_ = server_does_.patient = false;
    go_on();
    joined_.pass(patience());
    judge();
  }

 private:
  [[nodiscard]] bool once_in(std::size_t n) { return numbers_.below(n) == 0; }

  client_limits some_limits() {
    client_limits l;
    l.requests_max = static_cast<std::uint32_t>(1 + numbers_.below(4));
    return l;
  }

  // The client's application.

  void ask() {
    while (patient_ && asked_ < all_.size() && client_.takes_request()) start(all_[asked_++]);
  }

  void start(const exchange_plan& e) {
    std::vector<field> fields{{"Host", "a"}};
    if (e.expects) fields.push_back({"Expect", "100-continue"});
    if (e.what == exchange_plan::kind::upgrade) fields.push_back({"Upgrade", "x"});
    constexpr std::string_view methods[] = {"GET", "HEAD", "PUT", "GET", "CONNECT"};
    const std::string_view method = methods[static_cast<unsigned>(e.what)];
    if (!e.streams_up || e.what != exchange_plan::kind::put) {
      const bool connects = e.what == exchange_plan::kind::connect;
      const errc done =
          client_.send_request(method, connects ? "a:1" : "/",
                               connects ? field_list() : field_list(fields), text_bytes(e.up));
      CHECK(done == errc::ok);
      return;
    }
    CHECK(client_.start_request("PUT", "/", fields) == errc::ok);
    CHECK(client_.send(text_bytes(e.up).first(e.up.size() / 2)) == errc::ok);
    if (!e.pauses_up) finish_request();
  }

  // The rest of a streamed body; the connection may have ended in the meantime.
  void finish_request() {
    if (!client_.request_open()) return;
    const std::string& up = all_[asked_ - 1].up;
    CHECK(client_.send(text_bytes(up).subspan(up.size() / 2), lifetime::stable) == errc::ok);
    CHECK(client_.finish({{"T", "t"}}) == errc::ok);
  }

  void on_client(const client_event& event) {
    CHECK(client_end_.empty());
    if (const auto* i = std::get_if<informational>(&event)) on_informational(*i);
    if (const auto* r = std::get_if<response>(&event)) on_response(*r);
    if (const auto* b = std::get_if<body>(&event)) {
      down_ += as_text(b->bytes);
      CHECK(expected_down_.starts_with(down_));
    }
    if (const auto* t = std::get_if<trailers>(&event)) CHECK(t->fields[0].value == "r");
    if (std::holds_alternative<response_end>(event)) {
      CHECK(down_ == expected_down_);
      ++answered_;
      ++seen_["answered"];
    }
    if (const auto* s = std::get_if<switched>(&event)) {
      CHECK(all_.at(s->exchange - 1).may_switch());
      client_end_ = "switched";
      ++answered_;
    }
    if (std::holds_alternative<peer_closed>(event)) client_end_ = "peer closed";
    if (std::holds_alternative<transport_failed>(event)) client_end_ = "transport failed";
    if (const auto* e = std::get_if<peer_error>(&event)) client_end_ = to_string(e->what);
    ask();
  }

  void on_informational(const informational& i) {
    ++seen_["informational"];
    CHECK(i.exchange == answered_ + 1);
    CHECK((i.head->status == 103 || all_.at(answered_).expects || all_[answered_].informs > 0));
  }

  void on_response(const response& r) {
    const exchange_plan& e = all_.at(r.exchange - 1);
    CHECK(r.exchange == answered_ + 1);
    down_.clear();
    expected_down_ = e.has_body() ? e.down : "";
    // A server that was told a fault says so, whatever was planned.
    if (r.head->status != e.status) {
      REQUIRE(server_does_.fault);
      CHECK(r.head->status == status_of(*server_does_.fault));
      expected_down_ = e.what == exchange_plan::kind::head ? "" : to_string(*server_does_.fault);
      expected_down_ += expected_down_.empty() ? "" : "\n";
    }
    if (patient_ && e.holds_down) static_cast<void>(client_.hold_body());
  }

  // Both.

  // What the applications had put off.
  void go_on() {
    if (once_in(2) || !patient_) static_cast<void>(client_.resume_body());
    if (once_in(2) || !patient_) finish_request();
    if (once_in(2) || !patient_) static_cast<void>(server_.resume_body());
    if (once_in(2) || !patient_) server_does_.go_on();
  }

  void interfere() {
    switch (numbers_.below(64)) {
      case 0: gives_up_ = client_.abort() == errc::ok || gives_up_; break;
      case 1: static_cast<void>(client_.shut_down()); break;
      case 2: static_cast<void>(server_.abort()); break;
      case 3: static_cast<void>(server_.shut_down()); break;
      case 4: joined_.first.reading = false; break;
      case 5: joined_.second.reading = false; break;
      default: break;
    }
  }

  void judge() {
    const auto ended = [](const auto& side, const std::string& end) {
      return side.closed() || end == "switched";
    };
    INFO("client " << client_end_ << ", server " << server_does_.end);
    INFO("client:\n" << joined_.first.events() << "server:\n" << joined_.second.events());
    CHECK(ended(joined_.first, client_end_));
    CHECK(ended(joined_.second, server_does_.end));
    CHECK((answered_ == asked_ || gives_up_ || !client_end_.empty()));
    CHECK(memory_.in_use() == 0);
    ++seen_["client: " + client_end_];
    ++seen_["server: " + server_does_.end];
  }

  struct to_client {
    world& to;
    void operator()(http1::client&, const client_event& e) const { to.on_client(e); }
  };
  struct to_server {
    world& to;
    void operator()(http1::server&, const server_event& e) const { to.server_does_.on_event(e); }
  };

  testkit::random numbers_;
  tally& seen_;
  std::vector<exchange_plan> all_;
  bool patient_ = true;  // the applications put things off
  std::size_t asked_ = 0;
  std::size_t answered_ = 0;
  std::string down_;
  std::string expected_down_;
  std::string client_end_;
  bool gives_up_ = false;
  testkit::heap_storage memory_{http1::client::block_bytes};
  http1::client client_;
  http1::server server_{memory_};
  http1_test::planned_server server_does_{server_, all_};
  testkit::pair<http1::client, to_client, http1::server, to_server> joined_{
      client_, to_client{*this}, server_, to_server{*this}};
};

}  // namespace

TEST_CASE("every exchange ends in time, right or with a name, whatever fails") {
  tally seen;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    world(seed, seen).run();
  }
  std::string all;
  for (const auto& [what, times] : seen) all += what + ": " + std::to_string(times) + '\n';
  INFO(all);
  CHECK(seen["answered"] > seeds);
  CHECK(seen["informational"] > seeds / 2);
  // What is seldom in here isn't tested here.
  for (const std::string end :
       {"", "body timeout", "head timeout", "idle timeout", "switched", "transport failed",
        "truncated body", "truncated head", "write timeout"}) {
    CAPTURE(end);
    CHECK(seen["client: " + end] > seeds / 1000);
    CHECK(seen["server: " + end] > seeds / 1000);
  }
  for (const std::string end : {"peer closed", "response timeout", "unanswered"}) {
    CAPTURE(end);
    CHECK(seen["client: " + end] > seeds / 1000);
  }
}
