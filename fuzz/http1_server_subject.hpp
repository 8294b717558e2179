// A server of HTTP/1.1 under a fuzzer: small limits, so that a short input meets all of them, and
// an application that does whatever the decisions say.
#pragma once

#include "http1_body_choices.hpp"

#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/fuzz.hpp>
#include <drywire/testkit/storage.hpp>

namespace drywire {

class http1_server_subject {
 public:
  using machine = http1::server;

  static constexpr std::size_t block_bytes = 1536;
  static constexpr std::size_t output_bytes_max = 4000;
  // One for a request. Output: a block holds 1100 bytes at least, of which half may be lost when
  // lent bytes are taken over; a pulled piece, an end of a body and a goodbye come on top.
  static constexpr std::size_t blocks_max = 1 + 2 * (output_bytes_max + 2000) / 1100 + 2;

  explicit http1_server_subject(testkit::choices decisions) : decisions_(decisions) {}

  // Some heads fit where they begin, others move.
  static http1::server make(storage& memory) {
    static testkit::heap_storage beginnings(http1::server::block_bytes_min);
    return http1::server(memory, beginnings, small());
  }

  static http1::limits small() {
    http1::limits limits;
    limits.head_bytes_max = 600;
    limits.start_line_bytes_max = 200;
    limits.fields_max = 10;
    limits.chunk_overhead_bytes_max = 100;
    limits.trailer_bytes_max = 100;
    limits.body_bytes_max = 2000;
    limits.discard_bytes_max = 100;
    limits.linger_bytes_max = 300;
    limits.output_bytes_max = output_bytes_max;
    limits.output_low_bytes = 1000;
    return limits;
  }

  // Decides at heads and at ends, never at pieces of a body: those depend on cuts.
  void react(http1::server& server, const http1::server_event& event) {
    if (const auto* r = std::get_if<http1::request>(&event)) {
      at_head(server, *r->head);
    } else if (const auto* b = std::get_if<http1::body>(&event)) {
      if (echoes_) static_cast<void>(server.send(b->bytes, http1::lifetime::lent));
    } else if (std::holds_alternative<http1::request_end>(event)) {
      at_end(server);
    }
  }

  const http1::server_command& wish() {
    namespace wish = http1::wish;
    switch (decisions_.below(16)) {
      case 0:
        wish_ =
            wish::respond{status(), fields(), chosen_body(decisions_), chosen_lifetime(decisions_)};
        break;
      case 1: wish_ = wish::start_response{status(), fields()}; break;
      case 2: wish_ = wish::start_response{status(), fields(), decisions_.next()}; break;
      case 3:
      case 4: wish_ = wish::send{chosen_body(decisions_), chosen_lifetime(decisions_)}; break;
      case 5: wish_ = wish::finish{}; break;
      case 6: wish_ = wish::finish{fields()}; break;
      case 7: wish_ = wish::inform{status() % 200, fields()}; break;
      case 8: wish_ = wish::raise_body_limit{decisions_.next() * 16U}; break;
      case 9: wish_ = wish::hold_body{}; break;
      case 10: wish_ = wish::resume_body{}; break;
      case 11: wish_ = wish::discard_body{}; break;
      case 12: wish_ = wish::shut_down{}; break;
      case 13: wish_ = wish::abort{}; break;
      case 14: wish_ = wish::pull_from{&source_}; break;
      case 15: wish_ = wish::switch_protocols{fields()}; break;
    }
    return wish_;
  }

  static bool is_last(const http1::server_event& event) {
    return std::holds_alternative<http1::server_switched>(event) ||
           std::holds_alternative<http1::peer_error>(event) ||
           std::holds_alternative<http1::transport_failed>(event);
  }

 private:
  void at_head(http1::server& server, const http1::request_head& head) {
    echoes_ = false;
    errc done = errc::ok;
    switch (decisions_.below(12)) {
      case 4:
        done = server.respond(404, fields(), chosen_body(decisions_), chosen_lifetime(decisions_));
        break;
      case 5: done = server.discard_body(); break;
      case 6: done = server.raise_body_limit(decisions_.next() * 16U); break;
      case 7: done = server.hold_body(); break;
      case 8: done = server.send_continue(); break;
      case 9: done = server.inform(103, fields()); break;
      case 10:
        if (head.body != http1::framing::length) break;
        done = server.start_response(200, {}, head.content_length);
        echoes_ = done == errc::ok;
        break;
      case 11: done = server.start_response(200); break;
      default: break;
    }
    static_cast<void>(done);
  }

  void at_end(http1::server& server) {
    errc done = errc::ok;
    switch (decisions_.below(8)) {
      case 4:
        if (switches(server)) return;
        [[fallthrough]];
      default:
        done = server.respond(status(), fields(), chosen_body(decisions_),
                              chosen_lifetime(decisions_));
        break;
      case 5: done = server.start_response(200, fields()); break;
      case 6: break;
      case 7: done = server.shut_down(); break;
    }
    if (done != errc::ok || decisions_.below(2) == 0) done = server.finish();
    static_cast<void>(done);
  }

  // To CONNECT, and to an Upgrade that offers "x".
  static bool switches(http1::server& server) {
    return server.switch_protocols() == errc::ok ||
           server.switch_protocols({{"Upgrade", "x"}}) == errc::ok;
  }

  unsigned status() {
    static constexpr unsigned all[] = {200, 204, 205, 304, 404, 100, 101, 103, 99, 600};
    return all[decisions_.below(std::size(all))];
  }

  http1::field_list fields() {
    static constexpr http1::field all[] = {{"X", "y"},
                                           {"Connection", "close"},
                                           {"Content-Length", "40"},
                                           {"Date", "now"},
                                           {"Upgrade", "x"},
                                           {"a b", "c"},
                                           {"X", "a\r\nb"},
                                           {"Transfer-Encoding", "x"},
                                           {"Connection", "x"},
                                           {"Content-Length", "0"}};
    const std::size_t choice = decisions_.below(2 * std::size(all));
    if (choice >= std::size(all)) return {};
    return std::span(all + choice, 1);
  }

  testkit::choices decisions_;
  http1::server_command wish_;
  pulled_text source_;
  bool echoes_ = false;
};

}  // namespace drywire
