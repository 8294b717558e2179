// A stream and a loop around it without any I/O: the test says what arrives and how much leaves.
#pragma once

#include <drywire/loop/loop_core.hpp>
#include <drywire/loop/stream.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace drywire::tests {

class fake_loop final : public loop_host {
 public:
  fake_loop() : core(*this) {}
  ~fake_loop() { core.shut_down(); }

  void wake() noexcept override {}
  void set_deadline(instant t) noexcept override { deadline = t; }
  void stop() noexcept override {}
  [[nodiscard]] now read_clocks() const noexcept override { return clocks; }

  /// Time passes; what it causes happens.
  void pass(duration d) {
    clocks.steady = clocks.steady + d;
    clocks.unix_seconds += d.nanoseconds / 1'000'000'000;
    core.turn();
  }

  now clocks{.steady = {1'000'000'000}, .unix_seconds = 784'111'777};
  instant deadline = instant::never();
  loop_core core;
};

class fake_stream : public stream {
 public:
  explicit fake_stream(loop_core& core) : stream(ignoring_handler()), core_(core) {}
  virtual ~fake_stream() = default;

  // What the test does.

  /// As if `text` had arrived in one read.
  void arrive(std::string_view text) {
    loop_core::callback_scope scope(core_);
    block lender = core_.blocks().acquire();
    const mutable_bytes bytes = lender.memory().first(text.size());
    std::ranges::copy(text_bytes(text), bytes.begin());
    lent_buffer lent(lender, bytes);
    handler().on_data(*this, lent);
    // Whoever still looks at bytes that it was lent and didn't take sees this.
    if (lender) std::ranges::fill(lender.memory(), std::byte{'#'});
  }
  /// The connection that was wished for is there.
  void open() {
    loop_core::callback_scope scope(core_);
    handler().on_open(*this);
  }
  void arrive_eof() {
    loop_core::callback_scope scope(core_);
    handler().on_eof(*this);
  }
  /// There is room for `n` more bytes, and the handler is told.
  void make_room(std::size_t n) {
    loop_core::callback_scope scope(core_);
    room = n;
    handler().on_writable(*this);
  }
  void end(error why) {
    loop_core::callback_scope scope(core_);
    handler().on_closed(*this, why);
    set_handler(ignoring_handler());
  }

  [[nodiscard]] bool has_handler() const noexcept { return &handler() != &ignoring_handler(); }

  // What the driver did.

  std::string written;
  int writes = 0;
  int fins = 0;
  int aborts = 0;
  std::optional<duration> closed;
  bool paused = false;
  std::size_t room = std::size_t{1} << 40;

  // The stream.

  std::size_t write(std::span<const const_bytes> pieces) noexcept override {
    ++writes;
    std::size_t accepted = 0;
    for (const const_bytes piece : pieces) {
      const std::size_t n = std::min(piece.size(), room);
      written += as_text(piece.first(n));
      room -= n;
      accepted += n;
    }
    return accepted;
  }
  void pause_reading() noexcept override { paused = true; }
  void resume_reading() noexcept override { paused = false; }
  void read_max(std::size_t) noexcept override {}
  void shutdown_write() noexcept override { ++fins; }
  void close(duration flush_timeout) noexcept override { closed = flush_timeout; }
  void abort() noexcept override { ++aborts; }
  [[nodiscard]] std::size_t queued() const noexcept override { return 0; }
  [[nodiscard]] endpoint local() const noexcept override { return {}; }
  [[nodiscard]] endpoint peer() const noexcept override { return {}; }
  [[nodiscard]] int native_handle() const noexcept override { return -1; }

 private:
  loop_core& core_;
};

}  // namespace drywire::tests
