#include "http_call_pool.hpp"

#include "http_collector.hpp"

#include <utility>

namespace drywire {

http_call_pool::~http_call_pool() {
  while (spare_ != nullptr) delete std::exchange(spare_, spare_->next_);
}

http_call& http_call_pool::acquire() {
  http_call* taken = spare_;
  if (taken != nullptr) {
    spare_ = std::exchange(taken->next_, nullptr);
    --spare_count_;
  } else {
    taken = new http_call(*this);
  }
  ++used_count_;
  taken->retain();
  return *taken;
}

void http_call_pool::give_back(http_call& spare) noexcept {
  --used_count_;
  if (abandoned_ || spare_count_ == spare_max || !spare.is_small()) {
    delete &spare;
  } else {
    spare.next_ = std::exchange(spare_, &spare);
    ++spare_count_;
  }
  if (abandoned_ && used_count_ == 0) delete this;
}

void http_call_pool::abandon() noexcept {
  abandoned_ = true;
  if (used_count_ == 0) delete this;
}

}  // namespace drywire
