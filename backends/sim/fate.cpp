// The faults of a connection: drawn from the seed when it begins, met when their time comes.
#include "connection.hpp"
#include "state.hpp"

#include <cerrno>

namespace drywire::sim {

namespace {

constexpr std::uint64_t rare_once_in = 16;  // connections, for each fault that ends one

// When in the life of a connection.
constexpr std::uint64_t fate_ms_max = 20'000;
constexpr std::uint64_t stall_ms_max = 30'000;

constexpr std::uint64_t latency_us_min = 50;
constexpr std::uint64_t latency_us_max = 150'000;
constexpr std::uint64_t bytes_per_second_min = 2'000;
constexpr unsigned bytes_per_second_doublings = 12;

constexpr std::size_t lost_once_in = 64;
constexpr std::uint64_t sent_again_ms_max = 1'000;

duration ms(std::uint64_t n) { return milliseconds(static_cast<std::int64_t>(n)); }
duration us(std::uint64_t n) { return microseconds(static_cast<std::int64_t>(n)); }

}  // namespace

// Each fault draws only when it is on: the others' seeds then mean the same without it.
void connection::draw_fate() noexcept {
  const fault_set faults = network_.options.faults;
  if (faults.empty()) return;
  if (faults.has(fault::latency)) latency_ = us(network_.between(latency_us_min, latency_us_max));
  if (faults.has(fault::bandwidth)) {
    bytes_per_second_ = bytes_per_second_min << network_.random.below(bytes_per_second_doublings);
  }
  refused_ = network_.strikes(fault::refuse, rare_once_in);
  const auto plan = [this](fault f, event::what kind) {
    if (!network_.strikes(f, rare_once_in)) return;
    const auto s = static_cast<std::uint8_t>(network_.random.below(2));
    network_.plan(network_.time() + ms(network_.random.below(fate_ms_max)),
                  {.kind = kind, .side = s, .of = this});
  };
  plan(fault::reset, event::what::fated_reset);
  plan(fault::half_close, event::what::fated_half_close);
  plan(fault::stall, event::what::fated_stall);
  plan(fault::vanish, event::what::fated_loss);
  cut_ = network_.strikes(fault::vanish, 2 * rare_once_in);
}

duration connection::time_on_the_way() noexcept {
  if (!network_.options.faults.has(fault::latency)) return latency_;
  const auto latency = static_cast<std::uint64_t>(latency_.nanoseconds);
  const duration way = nanoseconds(static_cast<std::int64_t>(
      latency / 2 + network_.random.below(static_cast<std::size_t>(latency) + 1)));
  if (network_.random.below(lost_once_in) != 0) return way;
  return duration(way.nanoseconds + ms(200 + network_.random.below(sent_again_ms_max)).nanoseconds);
}

void connection::meet_fate(const event& due) noexcept {
  end& here = ends_[due.side];
  switch (due.kind) {
    case event::what::fated_reset:
      for (unsigned s : {0U, 1U}) {
        if (ends_[s].at != nullptr && !ends_[s].opening) break_off(s, error(ECONNRESET));
      }
      return;
    case event::what::fated_half_close:
      if (here.open) shut_down_sending(due.side);
      return look(due.side);
    case event::what::fated_stall:
      note(happening::stalls, due.side);
      here.stalled = true;
      return network_.plan(network_.time() + ms(network_.random.below(stall_ms_max)),
                           {.kind = event::what::stall_over, .side = due.side, .of = this});
    case event::what::stall_over: here.stalled = false; return look(due.side);
    case event::what::fated_loss: cut_ = true; return;
    default: return;
  }
}

}  // namespace drywire::sim
