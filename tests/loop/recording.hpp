// Handlers that write down what they are told, and two streams of a native loop joined by one.
#pragma once

#include <drywire/loop/native.hpp>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::test {

class recording final : public stream_handler {
 public:
  void on_open(stream&) noexcept override { ++opens; }
  void on_data(stream&, lent_buffer& lent) noexcept override {
    received += lent.bytes().size();
    if (text.size() < 4096) text += as_text(lent.bytes());
    if (take) taken.push_back(lent.take());
    if (on_text) on_text();
  }
  void on_eof(stream&) noexcept override { ++eofs; }
  void on_writable(stream&) noexcept override { ++writables; }
  void on_closed(stream&, error why) noexcept override {
    if (closed) std::abort();
    closed = true;
    reason = why;
    to = nullptr;
  }

  std::size_t send(std::string_view bytes) {
    const const_bytes piece = text_bytes(bytes);
    return to->write({&piece, 1});
  }
  /// Writes until a write is short. Returns what was accepted.
  std::size_t fill() {
    const std::string much(256UL * 1024, 'x');
    std::size_t total = 0;
    while (true) {
      const std::size_t accepted = send(much);
      total += accepted;
      if (accepted < much.size()) return total;
    }
  }

  stream* to = nullptr;
  int opens = 0;
  int eofs = 0;
  int writables = 0;
  bool closed = false;
  error reason;
  std::string text;  // the first few thousand bytes
  std::size_t received = 0;
  bool take = false;
  std::vector<block> taken;
  std::function<void()> on_text;
};

class recording_accepts final : public accept_handler {
 public:
  void on_accept(listener&, stream& s) noexcept override {
    ++accepted;
    if (next == nullptr) return;
    next->to = &s;
    s.set_handler(*next);
    next = nullptr;
  }
  void on_accept_error(listener&, error e) noexcept override {
    ++errors;
    last_error = e;
  }
  void on_listener_closed(listener&) noexcept override { ++closed; }

  recording* next = nullptr;  // the handler of the next stream
  int accepted = 0;
  int errors = 0;
  int closed = 0;
  error last_error;
};

struct native_pair {
  native_pair() {
    REQUIRE(loop != nullptr);
    auto made = loop->listen(endpoint::loopback_v4(0), accepting);
    REQUIRE(made);
    listening = *made;
    accepting.next = &server;
    client.to = &loop->connect(listening->local(), client);
    run_until([&] { return client.opens == 1 && server.to != nullptr; });
  }

  template <class Condition>
  void run_until(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      REQUIRE(std::chrono::steady_clock::now() < give_up);
      (void)loop->run_once(milliseconds(100));
    }
  }
  void turn_a_few_times() {
    for (int i = 0; i < 5; ++i) (void)loop->run_once(milliseconds(1));
  }

  // The handlers outlive the loop.
  recording client;
  recording server;
  recording_accepts accepting;
  std::unique_ptr<backend> loop = make_native();
  listener* listening = nullptr;
};

/// While it lives, this process gets no new descriptor.
class no_more_descriptors {
 public:
  no_more_descriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit lowered = before_;
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    lowered.rlim_cur = static_cast<rlim_t>(next);
    ::close(next);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
  }
  no_more_descriptors(const no_more_descriptors&) = delete;
  no_more_descriptors& operator=(const no_more_descriptors&) = delete;
  ~no_more_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace drywire::test
