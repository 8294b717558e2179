#include "uv_entry.hpp"

#include "uv_handle.hpp"

#include <cassert>

namespace drywire {

uv_entry::uv_entry(uv_backend& loop) noexcept
    : loop_(loop), next_(loop.entries_), previous_next_(&loop.entries_) {
  if (next_ != nullptr) next_->previous_next_ = &next_;
  loop.entries_ = this;
  core().hold();
}

// One whose handle was never opened goes without having ended.
uv_entry::~uv_entry() {
  if (!has_left_) leave();
}

void uv_entry::end() noexcept {
  assert(!ended_);
  close_handle();
  core().defer(closing_);
}

void uv_entry::discard() noexcept {
  close_handle();
  leave();
}

void uv_entry::close_handle() noexcept {
  ended_ = true;
  uv_close(&handle(), [](uv_handle_t* h) noexcept {
    auto& entry = owner_of<uv_entry>(h);
    entry.has_handle_ = false;
    entry.free_if_over();
  });
}

void uv_entry::finish() noexcept {
  tell_end();
  leave();
  free_if_over();
}

void uv_entry::leave() noexcept {
  has_left_ = true;
  *previous_next_ = next_;
  if (next_ != nullptr) next_->previous_next_ = previous_next_;
  core().unhold();
}

void uv_entry::free_if_over() noexcept {
  if (has_left_ && !has_handle_) delete this;
}

}  // namespace drywire
