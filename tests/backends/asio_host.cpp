// An application that runs an io_context.
#include "asio_include.hpp"
#include "attached_host.hpp"

#include <drywire/asio/asio.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>

namespace drywire::test {

namespace {

class asio_host final : public attached_host {
 public:
  void run() override {
    context_.restart();
    context_.run();
  }
  void run_once() override {
    context_.restart();
    context_.run_one();
  }
  void tick(int times, std::function<void(int)> work) override {
    work_ = std::move(work);
    ticks_left_ = times;
    ticks_ = 0;
    arm();
  }
  void stop_ticking() override { ticks_left_ = 0; }

  // A handler that could be called is called, and an operation under way is work.
  [[nodiscard]] bool has_remains() override {
    context_.restart();
    const bool called_one = context_.poll() != 0;
    return called_one || !context_.stopped();
  }

 private:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] std::unique_ptr<backend> make_guest() override { return attach_asio(context_); }

  void arm() {
    timer_.expires_after(std::chrono::milliseconds(1));
    timer_.async_wait([this](const net_error&) {
      if (ticks_left_ == 0) return;
      --ticks_left_;
      work_(++ticks_);
      if (ticks_left_ != 0) arm();
    });
  }

  net::io_context context_;
  net::basic_waitable_timer<clock> timer_{context_};
  std::function<void(int)> work_;
  int ticks_left_ = 0;
  int ticks_ = 0;
};

}  // namespace

std::unique_ptr<attached_host> make_host() { return std::make_unique<asio_host>(); }

}  // namespace drywire::test
