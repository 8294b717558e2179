// What the native loop waits for: a stream or a listener, named by its address in the poll.
//
// One that has ended stays in memory until the outermost scope is left. So readiness that the same
// wait found for it, and for another that has its descriptor's number by now, can't be confused.
#pragma once

#include <drywire/loop/poll.hpp>

#include <cstdint>

namespace drywire {

class native_backend;

class native_source {
 public:
  native_source(const native_source&) = delete;
  native_source& operator=(const native_source&) = delete;

  virtual void on_ready(readiness r) noexcept = 0;
  /// The loop dies: ends it, tells its handler, deletes it.
  virtual void cancel() noexcept = 0;

  [[nodiscard]] token name() noexcept {
    return static_cast<token>(reinterpret_cast<std::uintptr_t>(this));
  }
  [[nodiscard]] static native_source& named(token name) noexcept {
    return *reinterpret_cast<native_source*>(static_cast<std::uintptr_t>(name));
  }

 protected:
  /// Keeps the loop running until it dies.
  explicit native_source(native_backend& owner) noexcept;
  ~native_source();

  [[nodiscard]] native_backend& owner() const noexcept { return owner_; }

 private:
  native_backend& owner_;
  native_source* next_ = nullptr;
  native_source** previous_next_ = nullptr;
};

}  // namespace drywire
