#include <drywire/adapters/coroutine/scope.hpp>

#include <cassert>
#include <utility>

namespace drywire::co {

class scope::spawned final : public strand {
 public:
  spawned(scope& in, task<void> begun, on_failure then) noexcept
      : strand(in.scheduler_), in_(in), task_(std::move(begun)), then_(then) {
    next_ = in.tasks_;
    if (next_ != nullptr) next_->previous_ = this;
    in.tasks_ = this;
    ++in.size_;
    start(task_.prepare(*this, nullptr));
  }

 private:
  friend scope;

  void on_ended() noexcept override {
    std::exception_ptr failure;
    try {
      task_.take();
    } catch (const cancelled&) {
    } catch (...) {
      if (then_ == on_failure::cancel_all) failure = std::current_exception();
    }
    scope& in = in_;
    in.forget(*this);
    if (failure && !in.failure_) {
      in.failure_ = std::move(failure);
      in.cancel();
    }
    if (in.size_ == 0 && in.joining_ != nullptr) in.joining_->come();
  }

  scope& in_;
  task<void> task_;
  spawned* previous_ = nullptr;
  spawned* next_ = nullptr;
  on_failure then_;
};

scope::~scope() {
  assert(!scheduler_.running() && "a scope is destroyed by one of its tasks");
  while (tasks_ != nullptr) forget(*tasks_);
  if (joining_ != nullptr) joining_->lose();
}

void scope::spawn(task<void> begun, on_failure then) {
  static_cast<void>(new spawned(*this, std::move(begun), then));
}

void scope::cancel() noexcept {
  for (spawned* s = tasks_; s != nullptr; s = s->next_) s->cancel();
}

// What the task leaves behind is destroyed last, when it isn't among the others any more: its
// objects may spawn and cancel.
void scope::forget(spawned& ended) noexcept {
  (ended.previous_ == nullptr ? tasks_ : ended.previous_->next_) = ended.next_;
  if (ended.next_ != nullptr) ended.next_->previous_ = ended.previous_;
  --size_;
  delete &ended;
}

}  // namespace drywire::co
