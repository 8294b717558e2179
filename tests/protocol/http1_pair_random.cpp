// Exchanges at random between a client and a server, through windows at random: what each got is
// what the other sent, in order.
#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/pair.hpp>
#include <drywire/testkit/random.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace drywire;
using namespace http1;

namespace {

constexpr field host{"Host", "a"};
constexpr field expect{"Expect", "100-continue"};
constexpr unsigned statuses[] = {200, 204, 304, 404, 500};
constexpr int exchanges = 20;

// What is sent depends on the exchange alone, so that both sides know it.
struct script {
  explicit script(std::uint64_t seed) : numbers(seed) {}

  struct exchange {
    bool is_head, streams_request, streams_response, expects, trailers;
    unsigned status;
    std::string up, down;
  };

  exchange next() {
    const auto one_in = [this](std::uint64_t n) { return numbers.below(n) == 0; };
    exchange e{.is_head = one_in(5),
               .streams_request = one_in(2),
               .streams_response = one_in(2),
               .expects = one_in(3),
               .trailers = one_in(2),
               .status = statuses[numbers.below(std::size(statuses))],
               .up = letters(),
               .down = letters()};
    if (e.is_head) e.up.clear();
    return e;
  }

  std::string letters() {
    std::string all;
    for (std::uint64_t n = numbers.below(3) * numbers.below(400); n > 0; --n) {
      all += static_cast<char>('a' + numbers.below(26));
    }
    return all;
  }

  [[nodiscard]] static bool has_body(const exchange& e) {
    return !e.is_head && e.status != 204 && e.status != 304;
  }

  testkit::random numbers;
};

class world {
 public:
  explicit world(std::uint64_t seed) {
    script plan(seed);
    for (int i = 0; i < exchanges; ++i) all_.push_back(plan.next());
    testkit::random numbers(seed + 1'000'000);
    const std::size_t sizes[] = {1, 3, 17, 500, 65536};
    joined_.first.window = sizes[numbers.below(5)];
    joined_.second.window = sizes[numbers.below(5)];
    joined_.first.portion = sizes[numbers.below(5)];
    joined_.second.portion = sizes[numbers.below(5)];
  }

  void run() {
    ask();
    joined_.settle();
    CHECK(over_ == exchanges);
    CHECK(client_.takes_request());
    CHECK(client_.shut_down() == errc::ok);
    joined_.settle();
    CHECK(joined_.first.closed());
    CHECK(joined_.second.closed());
    CHECK(memory_.in_use() == 0);
  }

 private:
  void ask() {
    if (over_ == all_.size()) return;
    const script::exchange& e = all_[over_];
    std::vector<field> fields{host};
    if (e.expects && !e.up.empty()) fields.push_back(expect);
    const std::string_view method = e.is_head ? "HEAD" : "PUT";
    up_.clear();
    down_.clear();
    if (!e.streams_request || e.up.empty()) {
      CHECK(client_.send_request(method, "/", fields, text_bytes(e.up)) == errc::ok);
      return;
    }
    CHECK(client_.start_request(method, "/", fields) == errc::ok);
    const std::string_view text = e.up;
    CHECK(client_.send(text_bytes(text.substr(0, text.size() / 2))) == errc::ok);
    CHECK(client_.send(text_bytes(text.substr(text.size() / 2)), lifetime::stable) == errc::ok);
    CHECK(client_.finish({{"T", "t"}}) == errc::ok);
  }

  void on_client(const client_event& event) {
    const script::exchange& e = all_[std::min<std::size_t>(over_, all_.size() - 1)];
    if (const auto* r = std::get_if<response>(&event)) CHECK(r->head->status == e.status);
    if (const auto* b = std::get_if<body>(&event)) down_ += as_text(b->bytes);
    if (const auto* t = std::get_if<trailers>(&event)) CHECK(t->fields[0].value == "r");
    if (const auto* end = std::get_if<response_end>(&event)) {
      CHECK(end->reusable);
      CHECK((down_ == (script::has_body(e) ? e.down : "")));
    }
    if (!std::holds_alternative<exchange_over>(event)) return;
    ++over_;
    ask();
  }

  void on_server(const server_event& event) {
    const script::exchange& e = all_[server_.exchange() == 0 ? 0 : server_.exchange() - 1];
    if (const auto* b = std::get_if<body>(&event)) up_ += as_text(b->bytes);
    if (!std::holds_alternative<request_end>(event)) return;
    CHECK((up_ == e.up));
    const std::string_view down = script::has_body(e) ? std::string_view(e.down) : "";
    if (!e.streams_response) {
      CHECK(server_.respond(e.status, {}, text_bytes(down)) == errc::ok);
      return;
    }
    CHECK(server_.start_response(e.status) == errc::ok);
    if (!down.empty()) CHECK(server_.send(text_bytes(down)) == errc::ok);
    const bool trails = e.trailers && script::has_body(e);
    CHECK(server_.finish(trails ? field_list{trailer_} : field_list{}) == errc::ok);
  }

  struct to_client {
    world& to;
    void operator()(http1::client&, const client_event& e) const { to.on_client(e); }
  };
  struct to_server {
    world& to;
    void operator()(http1::server&, const server_event& e) const { to.on_server(e); }
  };

  static constexpr field trailer_[] = {{"T", "r"}};

  std::vector<script::exchange> all_;
  std::size_t over_ = 0;
  std::string up_;
  std::string down_;
  testkit::heap_storage memory_{http1::client::block_bytes};
  http1::client client_{memory_};
  http1::server server_{memory_};
  testkit::pair<http1::client, to_client, http1::server, to_server> joined_{
      client_, to_client{*this}, server_, to_server{*this}};
};

}  // namespace

TEST_CASE("client and server agree on exchanges at random") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    INFO("seed " << seed);
    world(seed).run();
  }
}
