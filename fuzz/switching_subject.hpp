// A server of HTTP/1.1 that switches to a tunnel, under a fuzzer: the server does what its own
// subject does, the tunnel echoes, and sometimes something else.
#pragma once

#include "http1_server_subject.hpp"

#include <drywire/protocol/switching.hpp>
#include <drywire/protocol/tunnel.hpp>
#include <drywire/testkit/fuzz.hpp>

#include <algorithm>
#include <cstddef>

namespace drywire {

class switching_subject {
 public:
  using machine = switching<http1::server, tunnel::connection>;

  static constexpr std::size_t block_bytes = http1_server_subject::block_bytes;
  // The server's, and the tunnel's: as much output as there, and nothing else.
  static constexpr std::size_t blocks_max = 2 * http1_server_subject::blocks_max;

  explicit switching_subject(testkit::choices decisions)
      : http_(decisions), decisions_(decisions) {}

  static machine make(storage& memory) {
    return machine(
        [&memory](const http1::server::switched&) {
          tunnel::limits limits;
          limits.output_bytes_max = http1_server_subject::output_bytes_max;
          limits.output_low_bytes = 1000;
          return tunnel::connection(memory, limits);
        },
        memory, http1_server_subject::small());
  }

  void react(machine& m, const machine::event& event) {
    if (const auto* e = std::get_if<http1::server_event>(&event)) {
      if (m.first() != nullptr) return http_.react(*m.first(), *e);
      if (std::holds_alternative<http1::server_switched>(*e)) at_switch(*m.second());
    } else if (const auto* t = std::get_if<tunnel::event>(&event)) {
      at(*m.second(), *t);
    }
  }

  const machine::command& wish() {
    wish_ = decisions_.below(2) == 0 ? machine::command(http_.wish()) : tunnel_wish();
    return wish_;
  }

  static bool is_last(const machine::event& event) {
    if (const auto* e = std::get_if<http1::server_event>(&event)) {
      return !std::holds_alternative<http1::server_switched>(*e) &&
             http1_server_subject::is_last(*e);
    }
    const auto* t = std::get_if<tunnel::event>(&event);
    return t != nullptr && std::holds_alternative<tunnel::peer_error>(*t);
  }

 private:
  void at_switch(tunnel::connection& t) {
    errc done = errc::ok;
    switch (decisions_.below(8)) {
      case 5: done = t.hold(); break;
      case 6: done = t.finish(); break;
      case 7: done = t.send(chosen_body(decisions_), chosen_lifetime(decisions_)); break;
      default: break;
    }
    static_cast<void>(done);
  }

  void at(tunnel::connection& t, const tunnel::event& event) {
    errc done = errc::ok;
    if (const auto* d = std::get_if<tunnel::data>(&event)) {
      // As much as there is room for: that doesn't depend on where the bytes were cut.
      const std::size_t limit = http1_server_subject::output_bytes_max;
      const std::size_t room = limit - std::min(limit, t.queued());
      const const_bytes echo = d->bytes;
      done = t.send(echo.first(std::min(echo.size(), room)), lifetime::lent);
    } else if (std::holds_alternative<tunnel::end>(event) && decisions_.below(4) != 3) {
      done = t.finish();
    }
    static_cast<void>(done);
  }

  machine::command tunnel_wish() {
    switch (decisions_.below(8)) {
      case 3: return tunnel::finish{};
      case 4: return tunnel::hold{};
      case 5: return tunnel::resume{};
      case 6: return tunnel::abort{};
      default: return tunnel::send{chosen_body(decisions_), chosen_lifetime(decisions_)};
    }
  }

  http1_server_subject http_;
  testkit::choices decisions_;
  machine::command wish_;
};

}  // namespace drywire
