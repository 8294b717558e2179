// A backend without any I/O: the test connects, and says what arrives.
#pragma once

#include "fake_stream.hpp"

#include <drywire/loop/backend.hpp>

#include <cerrno>
#include <memory>
#include <vector>

namespace drywire::tests {

class fake_backend final : private loop_host, public backend {
 public:
  fake_backend() : backend(static_cast<loop_host&>(*this)) {}
  ~fake_backend() override {
    for (const auto& s : streams_) s->end(error(ECANCELED));
    close_listeners();
    core_.shut_down();
  }

  /// A client has connected. Lives as long as the backend.
  fake_stream& connect_client() {
    streams_.push_back(std::make_unique<fake_stream>(core_));
    fake_stream& s = *streams_.back();
    loop_core::callback_scope scope(core_);
    accepting_->on_accept(*listeners_.back(), s);
    return s;
  }
  /// What somebody here wants to connect, in this order. Lives as long as the backend.
  struct connection_wish {
    endpoint to;
    fake_stream* stream;
  };
  std::vector<connection_wish> wishes;
  /// Streams that were closed or aborted are told that they are gone.
  void end_closed_streams() {
    // By number: what they cause may add more.
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      fake_stream& s = *streams_[i];
      if (s.closed || s.aborts != 0) s.end({});
    }
  }
  /// Ends the turn in which it is called, so to speak.
  void turn() { core_.turn(); }
  void pass(duration d) {
    clocks_.steady = clocks_.steady + d;
    core_.turn();
  }
  void raise(int signal_number) {
    loop_core::callback_scope scope(core_);
    if (signals_ != nullptr) signals_->on_signal(signal_number);
  }
  /// The closed listeners are told that they are gone.
  void close_listeners() {
    for (const auto& l : listeners_) {
      if (!l->gone) accepting_->on_listener_closed(*l);
      l->gone = true;
    }
  }
  [[nodiscard]] bool listening() const { return !listeners_.empty() && !listeners_.back()->closed; }

  // The backend.

  [[nodiscard]] std::string_view name() const noexcept override { return "fake"; }
  [[nodiscard]] capability capabilities() const noexcept override { return capability::signals; }
  [[nodiscard]] result<listener*> listen(const endpoint& where, accept_handler& handler,
                                         const listen_options&) noexcept override {
    if (where.port() == 1) return error(EACCES);
    accepting_ = &handler;
    listeners_.push_back(std::make_unique<fake_listener>());
    return static_cast<listener*>(listeners_.back().get());
  }
  [[nodiscard]] stream& connect(const endpoint& where, stream_handler& handler) noexcept override {
    streams_.push_back(std::make_unique<fake_stream>(core_));
    fake_stream& s = *streams_.back();
    s.set_handler(handler);
    wishes.push_back({where, &s});
    return s;
  }
  [[nodiscard]] error handle_signal(int, signal_handler& handler) noexcept override {
    signals_ = &handler;
    return {};
  }
  void remove_signal(int) noexcept override { signals_ = nullptr; }
  [[nodiscard]] error run() noexcept override { return error(ENOTSUP); }
  bool run_once(duration) noexcept override { return false; }

 private:
  struct fake_listener final : listener {
    [[nodiscard]] endpoint local() const noexcept override { return endpoint::loopback_v4(8080); }
    void close() noexcept override { closed = true; }
    bool closed = false;
    bool gone = false;
  };

  bool cancel_all() noexcept override { return false; }
  void wake() noexcept override {}
  void set_deadline(instant) noexcept override {}
  void stop() noexcept override {}
  [[nodiscard]] now read_clocks() const noexcept override { return clocks_; }

  now clocks_{.steady = {1'000'000'000}, .unix_seconds = 784'111'777};
  std::vector<std::unique_ptr<fake_listener>> listeners_;
  std::vector<std::unique_ptr<fake_stream>> streams_;
  accept_handler* accepting_ = nullptr;
  signal_handler* signals_ = nullptr;
};

}  // namespace drywire::tests
