// An application that runs a uv_loop_t.
#include "attached_host.hpp"

#include <drywire/uv/uv.hpp>

#include <catch2/catch_test_macros.hpp>
#include <uv.h>

namespace drywire::test {

namespace {

class uv_host final : public attached_host {
 public:
  uv_host() {
    REQUIRE(uv_loop_init(&loop_) == 0);
    uv_timer_init(&loop_, &timer_);
    timer_.data = this;
  }
  // uv can't close a loop while anything in it is left: that is the check.
  ~uv_host() override {
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    uv_run(&loop_, UV_RUN_NOWAIT);
    CHECK(uv_loop_close(&loop_) == 0);
  }

  void run() override { CHECK(uv_run(&loop_, UV_RUN_DEFAULT) == 0); }
  void run_once() override { uv_run(&loop_, UV_RUN_ONCE); }
  void tick(int times, std::function<void(int)> work) override {
    work_ = std::move(work);
    ticks_left_ = times;
    ticks_ = 0;
    const auto on_tick = [](uv_timer_t* h) { static_cast<uv_host*>(h->data)->on_tick(); };
    uv_timer_start(&timer_, on_tick, 1, 1);
  }
  void stop_ticking() override { uv_timer_stop(&timer_); }

  [[nodiscard]] bool has_remains() override {
    int handles = 0;
    const auto count = [](uv_handle_t*, void* counted) { ++*static_cast<int*>(counted); };
    uv_walk(&loop_, count, &handles);
    return handles != 1;  // the timer
  }

 private:
  [[nodiscard]] std::unique_ptr<backend> make_guest() override { return attach_uv(loop_); }

  void on_tick() {
    if (--ticks_left_ == 0) stop_ticking();
    work_(++ticks_);
  }

  uv_loop_t loop_{};
  uv_timer_t timer_{};
  std::function<void(int)> work_;
  int ticks_left_ = 0;
  int ticks_ = 0;
};

}  // namespace

std::unique_ptr<attached_host> make_host() { return std::make_unique<uv_host>(); }

}  // namespace drywire::test
