// A client of HTTP/1.1 under a fuzzer: small limits, so that a short input meets all of them, and
// an application that does whatever the decisions say.
#pragma once

#include "http1_body_choices.hpp"

#include <drywire/protocol/http1_client.hpp>
#include <drywire/testkit/fuzz.hpp>

#include <string_view>

namespace drywire {

// A client whose first request has left, so that a plain input is its response.
class asking_client : public http1::client {
 public:
  asking_client(storage& memory, const http1::client_limits& limits,
                http1::field_list fields = {{"Host", "a"}})
      : client(memory, limits) {
    static_cast<void>(send_request("GET", "/", fields));
    leave();
  }

  /// All that is queued leaves.
  void leave() { consume_output(output(1'000'000).size()); }
};

class http1_client_subject {
 public:
  using machine = asking_client;

  static constexpr std::size_t block_bytes = 1536;
  static constexpr std::size_t output_bytes_max = 4000;
  // One for a response. Output: a block holds 1100 bytes at least, of which half may be lost when
  // lent bytes are taken over; a pulled piece and an end of a body come on top.
  static constexpr std::size_t blocks_max = 1 + 2 * (output_bytes_max + 2000) / 1100 + 2;

  /// `upgrading` are the fields of a request that asks for another protocol; they stay there.
  explicit http1_client_subject(testkit::choices decisions, http1::field_list upgrading = to_x)
      : decisions_(decisions), upgrading_(upgrading) {}

  static asking_client make(storage& memory) { return {memory, small()}; }

  static http1::client_limits small() {
    http1::client_limits limits;
    limits.head_bytes_max = 600;
    limits.start_line_bytes_max = 200;
    limits.fields_max = 10;
    limits.chunk_overhead_bytes_max = 100;
    limits.trailer_bytes_max = 100;
    limits.body_bytes_max = 2000;
    limits.output_bytes_max = output_bytes_max;
    limits.output_low_bytes = 1000;
    limits.requests_max = 3;
    limits.informational_max = 3;
    return limits;
  }

  // Decides at heads and at ends, never at pieces of a body: those depend on cuts.
  void react(asking_client& client, const http1::client_event& event) {
    if (const auto* r = std::get_if<http1::response>(&event)) {
      at_head(client, *r->head);
    } else if (const auto* b = std::get_if<http1::body>(&event)) {
      if (echoes_) static_cast<void>(client.send(b->bytes, http1::lifetime::lent));
    } else if (std::holds_alternative<http1::response_end>(event)) {
      if (echoes_) static_cast<void>(client.finish());
      echoes_ = false;
    } else if (std::holds_alternative<http1::exchange_over>(event)) {
      ask(client);
      client.leave();
    }
  }

  const http1::client_command& wish() {
    namespace wish = http1::wish;
    switch (decisions_.below(16)) {
      case 0:
      case 1:
        wish_ = wish::send_request{method(), target(), fields(), chosen_body(decisions_),
                                   chosen_lifetime(decisions_)};
        break;
      case 2: wish_ = wish::start_request{method(), target(), fields()}; break;
      case 3: wish_ = wish::start_request{method(), target(), fields(), decisions_.next()}; break;
      case 4:
      case 5: wish_ = wish::send{chosen_body(decisions_), chosen_lifetime(decisions_)}; break;
      case 6: wish_ = wish::finish{}; break;
      case 7: wish_ = wish::finish{fields()}; break;
      case 8: wish_ = wish::raise_body_limit{decisions_.next() * 16U}; break;
      case 9: wish_ = wish::hold_body{}; break;
      case 10: wish_ = wish::resume_body{}; break;
      case 11: wish_ = wish::discard_body{}; break;
      case 12: wish_ = wish::shut_down{}; break;
      case 13: wish_ = wish::abort{}; break;
      case 14: wish_ = wish::pull_from{&source_}; break;
      case 15: wish_ = wish::stop_request{}; break;
    }
    return wish_;
  }

  static bool is_last(const http1::client_event& event) {
    return std::holds_alternative<http1::switched>(event) ||
           std::holds_alternative<http1::peer_closed>(event) ||
           std::holds_alternative<http1::peer_error>(event) ||
           std::holds_alternative<http1::transport_failed>(event);
  }

 private:
  void at_head(asking_client& client, const http1::response_head& head) {
    errc done = errc::ok;
    switch (decisions_.below(12)) {
      case 5: done = client.discard_body(); break;
      case 6: done = client.raise_body_limit(decisions_.next() * 4U); break;
      case 7: done = client.hold_body(); break;
      case 8: done = client.stop_request(); break;
      case 9: done = client.shut_down(); break;
      case 10:
        if (head.body != http1::framing::length) break;
        done = client.start_request("PUT", "/echo", {{"Host", "a"}}, head.content_length);
        echoes_ = done == errc::ok;
        break;
      default: break;
    }
    static_cast<void>(done);
  }

  void ask(asking_client& client) {
    errc done = errc::ok;
    switch (decisions_.below(12)) {
      case 4: done = client.send_request("HEAD", "/", fields()); break;
      case 5: done = client.send_request("CONNECT", "a:1", {}); break;
      case 6: done = client.send_request("GET", "/", upgrading_); break;
      case 7:
        done = client.send_request("PUT", "/", expecting, chosen_body(decisions_),
                                   chosen_lifetime(decisions_));
        break;
      case 8:
        done = client.start_request("PUT", "/", expecting);
        done = client.send(chosen_body(decisions_), chosen_lifetime(decisions_));
        break;
      case 9:
        done = client.start_request("PUT", "/", {{"Host", "a"}});
        done = client.send(chosen_body(decisions_), chosen_lifetime(decisions_));
        done = client.finish(fields());
        break;
      case 10: break;
      case 11:
        done = client.send_request("HEAD", "/", {{"Host", "a"}});
        done = client.send_request("GET", "/", {{"Host", "a"}});
        break;
      default: done = client.send_request("GET", "/", {{"Host", "a"}}); break;
    }
    static_cast<void>(done);
  }

  std::string_view method() {
    static constexpr std::string_view all[] = {"GET",     "HEAD", "POST", "CONNECT",
                                               "OPTIONS", "BREW", "G T",  "TRACE"};
    return all[decisions_.below(std::size(all))];
  }

  std::string_view target() {
    static constexpr std::string_view all[] = {"/", "/x?y", "http://a/", "a:1",
                                               "*", "/ x",  "",          "x"};
    return all[decisions_.below(std::size(all))];
  }

  // A Host before each, or nothing at all.
  http1::field_list fields() {
    static constexpr http1::field all[] = {{"X", "y"},
                                           {"Connection", "close"},
                                           {"Content-Length", "40"},
                                           {"Expect", "100-continue"},
                                           {"Upgrade", "x"},
                                           {"TE", "trailers"},
                                           {"a b", "c"},
                                           {"X", "a\r\nb"},
                                           {"Transfer-Encoding", "x"},
                                           {"Connection", "x"},
                                           {"Content-Length", "0"},
                                           {"Host", "b"}};
    const std::size_t choice = decisions_.below(2 * std::size(all));
    if (choice >= std::size(all)) return {};
    chosen_[1] = all[choice];
    return std::span(chosen_, 2);
  }

  static constexpr http1::field to_x[] = {{"Host", "a"}, {"Upgrade", "x"}};
  static constexpr http1::field expecting[] = {{"Host", "a"}, {"Expect", "100-continue"}};

  testkit::choices decisions_;
  http1::field_list upgrading_;
  http1::client_command wish_;
  http1::field chosen_[2] = {{"Host", "a"}, {}};
  pulled_text source_;
  bool echoes_ = false;
};

}  // namespace drywire
