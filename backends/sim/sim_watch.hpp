// Waits for one simulated socket, by level: what is awaited is told as long as it holds.
#pragma once

#include <drywire/loop/socket_backend.hpp>

#include <utility>

namespace drywire::sim {

class sim_backend;
class sim_watch;

/// A place in a watch_list.
struct watch_link {
  watch_link* next = this;
  watch_link* previous = this;

  [[nodiscard]] bool linked() const noexcept { return next != this; }
  void unlink() noexcept {
    next->previous = previous;
    previous->next = next;
    next = previous = this;
  }
};

class watch_list {
 public:
  watch_list() = default;
  watch_list(const watch_list&) = delete;
  watch_list& operator=(const watch_list&) = delete;
  ~watch_list() = default;

  [[nodiscard]] bool empty() const noexcept { return !ends_.linked(); }
  /// No effect on one that is in a list.
  void push(watch_link& last) noexcept {
    if (last.linked()) return;
    last.next = &ends_;
    last.previous = std::exchange(ends_.previous, &last);
    last.previous->next = &last;
  }
  /// Null when it is empty.
  [[nodiscard]] sim_watch* pop() noexcept;
  /// Precondition: this one is empty, the other isn't.
  void take_all(watch_list& from) noexcept {
    ends_ = from.ends_;
    ends_.next->previous = ends_.previous->next = &ends_;
    from.ends_.next = from.ends_.previous = &from.ends_;
  }

 private:
  watch_link ends_;
};

class sim_watch final : public socket_watch, private watch_link {
 public:
  sim_watch(sim_backend& owner, int fd, watched_socket& target) noexcept;

  void await_readable(seen) noexcept override;
  void await_writable() noexcept override;
  void close() noexcept override;
  void release() noexcept override;

  // For the network.

  /// Something may have changed.
  void look() noexcept;
  /// The connection broke: that is told though nothing is awaited.
  void look_at_error() noexcept;
  /// Tells its target of what is awaited, and ready.
  void tell() noexcept;

 private:
  friend class sim_backend;
  friend class watch_list;

  ~sim_watch() = default;
  [[nodiscard]] bool awaits_ready() const noexcept;

  sim_backend& owner_;
  watched_socket& target_;
  int fd_;
  bool awaits_readable_ = false;
  bool awaits_writable_ = false;
  bool spurious_ = false;  // told of bytes though there may be none
};

inline sim_watch* watch_list::pop() noexcept {
  if (empty()) return nullptr;
  watch_link* first = ends_.next;
  first->unlink();
  return static_cast<sim_watch*>(first);
}

}  // namespace drywire::sim
