// A connection of either role, and what its driver would do, step by step.
#pragma once

#include "wire.hpp"

#include <drywire/testkit/storage.hpp>
#include <drywire/testkit/trace.hpp>
#include <drywire/websocket/connection.hpp>

#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace websocket_test {

using namespace drywire;
using websocket::fault;
using websocket::kind;
using websocket::role;

using lines = std::vector<std::string>;

struct fixture {
  explicit fixture(role r = role::server, const websocket::limits& l = {}, websocket::tools t = {},
                   std::size_t block_bytes = 4096)
      : side(r), memory(block_bytes), machine(r, memory, l, with_keys(t)) {}

  websocket::tools with_keys(websocket::tools t) {
    t.keys = side == role::client ? &keys : nullptr;
    return t;
  }

  /// A frame of the peer's, and one of ours.
  std::string in(unsigned first_byte, std::string_view payload = {}) const {
    return side == role::server ? up(first_byte, payload) : down(first_byte, payload);
  }
  std::string out(unsigned first_byte, std::string_view payload = {}) const {
    return side == role::server ? down(first_byte, payload) : up(first_byte, payload);
  }

  /// Lends the bytes behind those that are kept; all events, one a line.
  lines receive(std::string_view bytes = {}) {
    kept += bytes;
    const auto lent = std::make_unique<std::byte[]>(kept.size());
    const mutable_bytes span(lent.get(), kept.size());
    std::ranges::copy(text_bytes(kept), span.begin());
    lines told;
    auto cursor = machine.receive(span);
    while (const auto event = cursor.next()) told.push_back(brief(*event));
    kept.assign(as_text(cursor.remaining()));
    CHECK(cursor.consumed() + kept.size() == span.size());
    CHECK(machine.retain_output() == errc::ok);
    std::ranges::fill(span, std::byte{0xDD});
    return told;
  }
  lines receive(unsigned first_byte, std::string_view payload = {}) {
    return receive(in(first_byte, payload));
  }

  lines eof(bool clean = true) {
    machine.receive_eof(clean);
    return receive();
  }

  lines at(duration since_start) {
    machine.advance({instant{} + since_start, 0});
    return receive();
  }
  lines at(std::int64_t second) { return at(seconds(second)); }

  errc send(std::string_view bytes, kind what = kind::text, lifetime life = lifetime::copied) {
    return machine.send(what, text_bytes(bytes), life);
  }

  /// All output; the fin is told by `fin`.
  std::string output() {
    std::string all;
    while (true) {
      const output_view view = machine.output(100'000);
      if (view.empty()) return all;
      for (const const_bytes piece : view.pieces) all += as_text(piece);
      fin = fin || view.fin;
      machine.consume_output(view.size());
    }
  }

  /// `text "..."`, with ">" before it if more follows, "<" if it isn't the first; others as traced.
  static std::string brief(const websocket::event& event) {
    if (std::holds_alternative<websocket::output_low>(event)) return "low";
    if (const auto* m = std::get_if<websocket::message>(&event)) {
      const std::string name = m->kind == kind::text ? "text" : "binary";
      return (m->first ? "" : "<") + name + (m->last ? " " : "> ") +
             testkit::in_quotes(as_text(m->bytes));
    }
    testkit::trace trace;
    normalise(event, trace);
    return trace.lines().at(0);
  }

  role side;
  same_key keys;
  testkit::heap_storage memory;
  websocket::connection machine;
  std::string kept;
  bool fin = false;
};

inline lines wrong(fault what) {
  return {"peer error what=" + testkit::in_quotes(to_string(what))};
}

}  // namespace websocket_test
