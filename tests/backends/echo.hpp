// Both ends of an echo on one loop, each of which counts what it was told.
#pragma once

#include <drywire/loop/backend.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace drywire::test {

struct echo_end final : stream_handler {
  void on_open(stream& s) noexcept override {
    ++opens;
    if (opened) opened(s);
  }
  void on_data(stream& s, lent_buffer& lent) noexcept override {
    bytes += lent.bytes().size();
    if (arrived) arrived(s, lent);
  }
  void on_eof(stream& s) noexcept override {
    ++eofs;
    s.shutdown_write();
  }
  void on_writable(stream&) noexcept override { ++writables; }
  void on_closed(stream&, error e) noexcept override {
    ++closes;
    reason = e;
    if (closed) closed();
  }

  std::function<void(stream&)> opened;
  std::function<void(stream&, lent_buffer&)> arrived;
  std::function<void()> closed;
  int opens = 0;
  int eofs = 0;
  int writables = 0;
  int closes = 0;
  std::size_t bytes = 0;
  std::optional<error> reason;
};

inline std::size_t write(stream& s, std::span<const std::byte> bytes) {
  const const_bytes piece = bytes;
  return s.write({&piece, 1});
}

inline std::size_t write(stream& s, std::string_view text) {
  return write(s, std::as_bytes(std::span(text)));
}

inline std::string text_of(mutable_bytes bytes) {
  std::string text;
  for (const std::byte b : bytes) text += static_cast<char>(b);
  return text;
}

/// Sends back what comes. Its streams' handlers live as long as it does.
struct echo_server final : accept_handler {
  explicit echo_server(backend& loop) {
    auto made = loop.listen(endpoint::loopback_v4(0), *this);
    REQUIRE(made);
    listening = *made;
    where = listening->local();
  }

  void on_accept(listener&, stream& s) noexcept override {
    echo_end& end = ends.emplace_back();
    end.arrived = [](stream& from, lent_buffer& lent) { (void)write(from, lent.bytes()); };
    s.set_handler(end);
  }
  void on_listener_closed(listener&) noexcept override {
    ++listener_closes;
    listening = nullptr;
  }

  listener* listening = nullptr;
  endpoint where;
  std::list<echo_end> ends;
  int listener_closes = 0;
};

}  // namespace drywire::test
