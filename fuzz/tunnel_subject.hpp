// A tunnel under a fuzzer: it echoes, and does whatever the decisions say.
#pragma once

#include "http1_body_choices.hpp"

#include <drywire/protocol/tunnel.hpp>
#include <drywire/testkit/fuzz.hpp>

#include <algorithm>
#include <cstddef>

namespace drywire {

class tunnel_subject {
 public:
  using machine = tunnel::connection;

  // As http1_server_subject's, but for the request.
  static constexpr std::size_t block_bytes = 1536;
  static constexpr std::size_t output_bytes_max = 4000;
  static constexpr std::size_t blocks_max = 2 * output_bytes_max / 1100 + 2;

  explicit tunnel_subject(testkit::choices decisions) : decisions_(decisions) {}

  template <class Switched>
  static machine make(storage& memory, const Switched&) {
    tunnel::limits limits;
    limits.output_bytes_max = output_bytes_max;
    limits.output_low_bytes = 1000;
    return machine(memory, limits);
  }

  template <class Switched>
  void begin(machine& m, const Switched&) {
    if (decisions_.below(4) == 3) static_cast<void>(m.apply(wish()));
  }

  void react(machine& m, const tunnel::event& event) {
    errc done = errc::ok;
    if (const auto* d = std::get_if<tunnel::data>(&event)) {
      // As much as there is room for: that doesn't depend on where the bytes were cut.
      const std::size_t room = output_bytes_max - std::min(output_bytes_max, m.queued());
      const const_bytes echo = d->bytes;
      done = m.send(echo.first(std::min(echo.size(), room)), lifetime::lent);
    } else if (std::holds_alternative<tunnel::end>(event) && decisions_.below(4) != 3) {
      done = m.finish();
    }
    static_cast<void>(done);
  }

  const tunnel::command& wish() {
    switch (decisions_.below(8)) {
      case 3: wish_ = tunnel::finish{}; break;
      case 4: wish_ = tunnel::hold{}; break;
      case 5: wish_ = tunnel::resume{}; break;
      case 6: wish_ = tunnel::abort{}; break;
      default: wish_ = tunnel::send{chosen_body(decisions_), chosen_lifetime(decisions_)}; break;
    }
    return wish_;
  }

  static bool is_last(const tunnel::event& event) {
    return std::holds_alternative<tunnel::peer_error>(event);
  }

 private:
  testkit::choices decisions_;
  tunnel::command wish_;
};

}  // namespace drywire
