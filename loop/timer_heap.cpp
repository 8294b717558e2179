#include "timer_heap.hpp"

#include <utility>

namespace drywire {

instant timer_heap::first_deadline() const noexcept {
  return root_ != nullptr ? root_->deadline_ : instant::never();
}

void timer_heap::insert(timer& node, instant deadline) noexcept {
  node.deadline_ = deadline;
  node.order_ = arms_++;
  root_ = meld(root_, &node);
}

void timer_heap::remove(timer& node) noexcept {
  if (&node == root_) {
    (void)pop_first();
  } else if (&node == due_) {
    (void)pop_due();
  } else {
    unlink(node);
    // A due timer has no children left, so this changes nothing for one.
    root_ = meld(root_, meld_siblings(std::exchange(node.child_, nullptr)));
  }
}

void timer_heap::take_due(instant time) noexcept {
  timer* last = nullptr;
  while (root_ != nullptr && root_->deadline_ <= time) {
    timer* node = pop_first();
    node->previous_ = last;
    (last != nullptr ? last->next_ : due_) = node;
    last = node;
  }
}

timer* timer_heap::pop_due() noexcept {
  timer* node = due_;
  if (node == nullptr) return nullptr;
  due_ = std::exchange(node->next_, nullptr);
  if (due_ != nullptr) due_->previous_ = nullptr;
  return node;
}

timer* timer_heap::pop_any() noexcept { return due_ != nullptr ? pop_due() : pop_first(); }

timer* timer_heap::pop_first() noexcept {
  timer* node = root_;
  if (node != nullptr) root_ = meld_siblings(std::exchange(node->child_, nullptr));
  return node;
}

// Out of its siblings, or out of the due list, whose links have the same shape.
void timer_heap::unlink(timer& node) noexcept {
  timer* const previous = std::exchange(node.previous_, nullptr);
  timer* const next = std::exchange(node.next_, nullptr);
  (previous->child_ == &node ? previous->child_ : previous->next_) = next;
  if (next != nullptr) next->previous_ = previous;
}

bool timer_heap::before(const timer& a, const timer& b) noexcept {
  return a.deadline_ != b.deadline_ ? a.deadline_ < b.deadline_ : a.order_ < b.order_;
}

// Both are roots without siblings, or null.
timer* timer_heap::meld(timer* a, timer* b) noexcept {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  if (before(*b, *a)) std::swap(a, b);
  b->next_ = a->child_;
  if (b->next_ != nullptr) b->next_->previous_ = b;
  b->previous_ = a;
  a->child_ = b;
  return a;
}

// Two passes, without recursion: pairs from the left, then the pairs from the right. The first pass
// leaves the pairs in a stack linked by `previous_`.
timer* timer_heap::meld_siblings(timer* first) noexcept {
  timer* pairs = nullptr;
  while (first != nullptr) {
    timer* const a = first;
    timer* const b = std::exchange(a->next_, nullptr);
    first = b != nullptr ? std::exchange(b->next_, nullptr) : nullptr;
    a->previous_ = nullptr;
    if (b != nullptr) b->previous_ = nullptr;
    timer* const pair = meld(a, b);
    pair->previous_ = pairs;
    pairs = pair;
  }
  timer* root = nullptr;
  while (pairs != nullptr) {
    timer* const pair = pairs;
    pairs = std::exchange(pair->previous_, nullptr);
    root = meld(root, pair);
  }
  return root;
}

}  // namespace drywire
