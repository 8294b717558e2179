// What streams and listeners of the uv backend have in common: a place in its list, a handle of uv,
// and an end that is told later.
#pragma once

#include "uv_backend.hpp"

#include <uv.h>

namespace drywire {

/// Lives on the heap until its end has been told and uv has let go of the handle, whichever comes
/// last: the latter may be after the backend's own end.
class uv_entry {
 public:
  uv_entry(const uv_entry&) = delete;
  uv_entry& operator=(const uv_entry&) = delete;

  /// Ends it, whatever it does, because the loop goes.
  virtual void cancel() noexcept = 0;

 protected:
  explicit uv_entry(uv_backend& loop) noexcept;
  virtual ~uv_entry();

  /// Closes the handle now; tell_end() follows at the end of the scope, or in the next turn.
  /// Precondition: not ended.
  void end() noexcept;
  /// Closes the handle of one that nobody has heard of.
  void discard() noexcept;
  virtual void tell_end() noexcept = 0;
  /// Its `data` is the entry, as a uv_entry*.
  [[nodiscard]] virtual uv_handle_t& handle() noexcept = 0;

  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] uv_backend& loop() const noexcept { return loop_; }
  [[nodiscard]] loop_core& core() const noexcept { return loop_.core(); }

 private:
  friend class uv_backend;

  struct closing final : turn_end {
    explicit closing(uv_entry& e) noexcept : entry(e) {}
    ~closing() override { cancel(); }
    void on_turn_end() noexcept override { entry.finish(); }
    uv_entry& entry;
  };

  void close_handle() noexcept;
  void finish() noexcept;
  void leave() noexcept;
  void free_if_over() noexcept;

  uv_backend& loop_;
  uv_entry* next_;
  uv_entry** previous_next_;
  bool ended_ = false;
  bool has_left_ = false;  // the list: the backend may be gone
  bool has_handle_ = true;
  closing closing_{*this};
};

}  // namespace drywire
