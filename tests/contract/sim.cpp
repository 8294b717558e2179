#include <drywire/contract/cases.hpp>
#include <drywire/sim/sim.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace {

using namespace drywire;

// One host, that the loops of a case and their plain peers are on.
class simulated_world final : public contract::world {
 public:
  simulated_world() { present_ = this; }
  ~simulated_world() override { present_ = nullptr; }

  [[nodiscard]] static std::unique_ptr<backend> make_loop() {
    return sim::make_sim(present_->host_);
  }

  socket_calls& sockets() override { return host_; }
  bool wait_readable(int fd, duration wait_max) override {
    return wait(wait_max, [&] { return host_.is_readable(fd); });
  }
  bool wait_writable(int fd, duration wait_max) override {
    return wait(wait_max, [&] { return host_.is_writable(fd); });
  }
  void pass(duration time) override { network_.pass(time); }
  void allow_descriptors(bool allowed) override {
    host_.limit_descriptors(allowed ? SIZE_MAX : host_.descriptors());
  }

  void offset_wall_clock(duration offset) override {
    const std::int64_t s = offset.nanoseconds / 1'000'000'000;
    network_.jump_wall_clock(s - std::exchange(offset_s_, s));
  }

 private:
  template <class Ready>
  bool wait(duration wait_max, Ready ready) {
    const instant until = network_.clocks().steady + wait_max;
    while (!ready() && network_.deliver_next(until)) continue;
    return ready();
  }

  static inline simulated_world* present_ = nullptr;
  sim::network network_;
  sim::host& host_ = network_.add_host();
  std::int64_t offset_s_ = 0;
};

}  // namespace

int main(int argc, char* argv[]) {
  return contract::run_cases({.name = "sim",
                              .make = simulated_world::make_loop,
                              .make_world = [] { return std::make_unique<simulated_world>(); }},
                             argc, argv);
}
