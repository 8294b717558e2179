// A client on a backend without I/O, and what its calls tell in words.
#pragma once

#include "fake_backend.hpp"

#include <drywire/adapters/http_client.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::tests {

using lines = std::vector<std::string>;

/// Each callback as a line; pieces of a body are joined.
class recorded_call final : public http_call_handler {
 public:
  lines told;
  http_outcome outcome;
  bool ended = false;
  http_call_handle handle;

  recorded_call() = default;
  ~recorded_call() {
    if (handle) CHECK(handle->abandon() == errc::ok);
  }

  void on_informational(http_call&, const http1::response_head& head) noexcept override {
    add("informational " + std::to_string(head.status));
  }
  void on_redirect(http_call&, const http1::response_head& head,
                   std::string_view to) noexcept override {
    add("redirect " + std::to_string(head.status) + " " + std::string(to));
  }
  void on_head(http_call&, const http1::response_head& head) noexcept override {
    add("head " + std::to_string(head.status));
  }
  void on_body(http_call&, const_bytes piece) noexcept override {
    if (told.empty() || !told.back().starts_with("body ")) add("body ");
    told.back() += as_text(piece);
  }
  void on_trailers(http_call&, std::span<const http1::field> fields) noexcept override {
    for (const http1::field& f : fields) add("trailer " + std::string(f.name));
  }
  void on_end(http_call& call, const http_outcome& how) noexcept override {
    CHECK_FALSE(call.open());
    CHECK_FALSE(ended);
    ended = true;
    outcome = how;
    add(how.message());
  }

 private:
  void add(std::string line) { told.push_back(std::move(line)); }
};

inline constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
inline const lines told_ok{"head 200", "body hi", "complete"};

struct client_fixture {
  explicit client_fixture(const http_client_options& options = {}) : client(loop, options) {}

  http_call_handle start(http_request request, recorded_call& recorder) {
    recorder.handle = client.start(std::move(request), recorder);
    return recorder.handle;
  }
  http_call_handle get(recorded_call& recorder, std::string_view url = "http://1.2.3.4/") {
    return start({.url = url}, recorder);
  }
  /// The n-th connection that was wished for.
  fake_stream& at(std::size_t n) {
    REQUIRE(n < loop.wishes.size());
    return *loop.wishes[n].stream;
  }
  fake_stream& open(std::size_t n) {
    at(n).open();
    loop.turn();
    return at(n);
  }
  /// What was written since the last call.
  static std::string taken(fake_stream& s) { return std::exchange(s.written, {}); }
  void turns(int n = 3) {
    for (int i = 0; i < n; ++i) loop.turn();
  }

  fake_backend loop;
  http_client client;
};

}  // namespace drywire::tests
