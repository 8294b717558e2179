// An application's loop with work of its own, in which loops of drywire are guests: what the cases
// of attaching.cpp and leaving.cpp are written against. Each kind of host is one file, linked to
// these cases.
#pragma once

#include <drywire/loop/backend.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace drywire::test {

class guest;

class attached_host {
 public:
  attached_host() = default;
  attached_host(const attached_host&) = delete;
  attached_host& operator=(const attached_host&) = delete;
  /// Checks that it is empty by then. Precondition: no guest is left.
  virtual ~attached_host() = default;

  [[nodiscard]] guest attach();

  /// Until there is nothing left that keeps it running, of guests or of its own.
  virtual void run() = 0;
  /// One wait and what it found.
  virtual void run_once() = 0;
  /// Its own timer: calls `work` at each of `times` ticks, a millisecond apart, with their number.
  virtual void tick(int times, std::function<void(int)> work) = 0;
  virtual void stop_ticking() = 0;
  /// It has anything of guests, so that it would have to run again to be rid of it. Precondition:
  /// it doesn't tick.
  [[nodiscard]] virtual bool has_remains() = 0;

 private:
  friend class guest;

  [[nodiscard]] virtual std::unique_ptr<backend> make_guest() = 0;
  /// It is about to be destroyed.
  virtual void forget(backend&) {}
};

[[nodiscard]] std::unique_ptr<attached_host> make_host();

/// A loop that is attached to a host.
class guest {
 public:
  guest(attached_host& host, std::unique_ptr<backend> loop) noexcept
      : host_(&host), loop_(std::move(loop)) {}
  guest(guest&&) noexcept = default;
  guest& operator=(guest&&) = delete;
  ~guest() { destroy(); }

  void destroy() {
    if (loop_ == nullptr) return;
    host_->forget(*loop_);
    loop_.reset();
  }
  [[nodiscard]] explicit operator bool() const noexcept { return loop_ != nullptr; }
  backend& operator*() const noexcept { return *loop_; }
  backend* operator->() const noexcept { return loop_.get(); }

 private:
  attached_host* host_;
  std::unique_ptr<backend> loop_;
};

inline guest attached_host::attach() { return {*this, make_guest()}; }

}  // namespace drywire::test
