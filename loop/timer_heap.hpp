// The heap of armed timers: intrusive, so that arming allocates nothing.
//
// A pairing heap: insert in O(1), taking out the first in O(log n), any other in O(log n) too, each
// amortised. The order is (deadline, number of the arm() call), so it is total and first come is
// first served. `child_` is a node's first child, `next_` its next sibling, `previous_` the sibling
// before it or, for a first child, the parent.
//
// Due timers move, in order, to a list through the same pointers. They count as armed until they
// fire, so that one that fires can cancel or move another.
#pragma once

#include <drywire/loop/timer.hpp>

namespace drywire {

class timer_heap {
 public:
  timer_heap() = default;
  timer_heap(const timer_heap&) = delete;
  timer_heap& operator=(const timer_heap&) = delete;

  [[nodiscard]] bool empty() const noexcept { return root_ == nullptr && due_ == nullptr; }
  /// never() when the heap is empty; the list of due timers doesn't count.
  [[nodiscard]] instant first_deadline() const noexcept;

  /// Precondition: `node` is in no heap.
  void insert(timer& node, instant deadline) noexcept;
  /// Precondition: `node` is in this heap or its list of due timers.
  void remove(timer& node) noexcept;

  /// Moves every timer whose deadline isn't after `time` to the list. Precondition: that is empty.
  void take_due(instant time) noexcept;
  /// Takes the first off the list; null when it is empty.
  [[nodiscard]] timer* pop_due() noexcept;
  /// Takes any timer out; null when there is none.
  [[nodiscard]] timer* pop_any() noexcept;

 private:
  [[nodiscard]] timer* pop_first() noexcept;
  static void unlink(timer& node) noexcept;
  [[nodiscard]] static bool before(const timer& a, const timer& b) noexcept;
  [[nodiscard]] static timer* meld(timer* a, timer* b) noexcept;
  [[nodiscard]] static timer* meld_siblings(timer* first) noexcept;

  timer* root_ = nullptr;
  timer* due_ = nullptr;
  std::uint64_t arms_ = 0;
};

}  // namespace drywire
