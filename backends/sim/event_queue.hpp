// What is to happen, by time, and in the order of its planning among equals.
#pragma once

#include <drywire/base/instant.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace drywire::sim {

class connection;

struct event {
  enum class what : std::uint8_t {
    // Packets, to the other side than `side`.
    syn,
    syn_answer,
    segment,
    acknowledgement,
    reset,
    // Of one end's system, that of `side`.
    connect_again,
    give_up,
    // Faults, see fate.cpp.
    fated_reset,
    fated_half_close,
    fated_stall,
    stall_over,
    fated_loss,
    // Of the loop with the number `first`.
    deadline,
  };

  what kind = {};
  bool fin = false;
  std::uint8_t side = 0;
  connection* of = nullptr;
  std::uint64_t first = 0;  // the byte up to which it goes
  std::uint64_t window = 0;
};

class event_queue {
 public:
  void add(instant when, const event& planned) {
    heap_.push_back({when, ++planned_, planned});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  /// never() when there is none.
  [[nodiscard]] instant first() const noexcept {
    return heap_.empty() ? instant::never() : heap_.front().when;
  }
  /// Precondition: there is one.
  [[nodiscard]] event take() noexcept {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const event taken = heap_.back().planned;
    heap_.pop_back();
    return taken;
  }

 private:
  struct entry {
    instant when;
    std::uint64_t order;
    event planned;
  };
  [[nodiscard]] static bool later(const entry& a, const entry& b) noexcept {
    return a.when != b.when ? a.when > b.when : a.order > b.order;
  }

  std::vector<entry> heap_;
  std::uint64_t planned_ = 0;
};

}  // namespace drywire::sim
