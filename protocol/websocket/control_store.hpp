// What has to be kept of control frames: the payload of one that comes in parts, and the ping that
// is answered when the pong before has left. Holds a block only while there is such a thing.
#pragma once

#include <drywire/base/storage.hpp>
#include <drywire/websocket/frame.hpp>

#include <optional>

namespace drywire::websocket {

class control_store {
 public:
  explicit control_store(storage& memory) noexcept : memory_(memory) {}
  control_store(const control_store&) = delete;
  control_store& operator=(const control_store&) = delete;
  ~control_store() { release(); }

  /// Adds to the payload. False: there is no block. Precondition: it has no more than
  /// control_bytes_max.
  [[nodiscard]] bool gather(const_bytes part) noexcept;
  [[nodiscard]] std::size_t gathered_bytes() const noexcept { return gathered_; }
  /// The payload so far: valid until tidy(), and a new one begins.
  [[nodiscard]] const_bytes take_gathered() noexcept;

  /// The ping to answer instead of the one that was remembered. False: there is no block.
  [[nodiscard]] bool remember(const_bytes ping) noexcept;
  /// Its payload, if there is one. Valid until the next call.
  [[nodiscard]] std::optional<const_bytes> remembered() const noexcept;
  void forget() noexcept { remembers_ = false; }
  /// Neither is wanted any more.
  void forget_all() noexcept {
    gathered_ = 0;
    forget();
  }

  /// What take_gathered() gave isn't looked at any more.
  void tidy() noexcept {
    if (block_ != nullptr && gathered_ == 0 && !remembers_) release();
  }

 private:
  bool acquire() noexcept;
  void release() noexcept;

  storage& memory_;
  std::byte* block_ = nullptr;
  std::uint8_t gathered_ = 0;
  std::uint8_t remembered_ = 0;
  bool remembers_ = false;
};

}  // namespace drywire::websocket
