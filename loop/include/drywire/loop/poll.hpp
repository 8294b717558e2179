// The portable epoll: which descriptors are ready. Small and usable alone; the loops are built on
// it or do without.
//
// Edge-triggered and multi-shot only, because level and one-shot can't be had everywhere: what was
// reported is not reported again before it has ended and come anew. So read and write until the
// call would block (or was short), then say so with would_block().
//
// Portability. Promised on every selector:
//   * readable() and writable(), both possibly spurious. The other questions are hints that some
//     systems can't answer; handle the result of the read or write anyway.
//   * A direction that was reported is silent until would_block() says that it ended, or modify()
//     was called. Then bytes and room are reported however long they have been there.
// Not promised, so a caller of all selectors does without:
//   * New bytes behind old ones that are still unread: epoll and kqueue report them, poll(2) stays
//     silent until would_block().
//   * A closed descriptor vanishes on epoll, with its last copy, and on kqueue, but poll(2) doesn't
//     see it: remove() first, or the next descriptor of that number takes its place.
//   * kqueue reports the two directions of one descriptor apart, in two entries of the list.
//   * kqueue doesn't notice a second add(), and waits for files, too, where the others return
//     EEXIST and EPERM.
//   * poll(2) has no native_handle().
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/loop/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace drywire {

/// The caller's name for a descriptor, given back with its readiness. Any value.
enum class token : std::uint64_t {};

/// What is wanted of a descriptor.
enum class interest : std::uint8_t { readable = 1, writable = 2, both = 3 };

/// What the operating system says of one descriptor.
class readiness {
 public:
  enum flag : std::uint32_t {
    is_readable = 1U << 0,
    is_writable = 1U << 1,
    is_read_closed = 1U << 2,
    is_write_closed = 1U << 3,
    is_error = 1U << 4,
  };
  readiness(token name, std::uint32_t flags) noexcept : token_(name), flags_(flags) {}

  [[nodiscard]] token name() const noexcept { return token_; }
  /// A read won't block: it gives bytes, the end or an error. A listener has somebody waiting.
  [[nodiscard]] bool readable() const noexcept { return (flags_ & is_readable) != 0; }
  /// A write won't block: it takes bytes or gives an error. A connect() has come to its end.
  [[nodiscard]] bool writable() const noexcept { return (flags_ & is_writable) != 0; }
  /// Hint: the peer won't send any more; there may be bytes before that end.
  [[nodiscard]] bool read_closed() const noexcept { return (flags_ & is_read_closed) != 0; }
  /// Hint: no write will succeed any more.
  [[nodiscard]] bool write_closed() const noexcept { return (flags_ & is_write_closed) != 0; }
  /// Hint: the descriptor has failed; a read, a write or SO_ERROR says how.
  [[nodiscard]] bool error() const noexcept { return (flags_ & is_error) != 0; }

 private:
  token token_;
  std::uint32_t flags_;
};

/// What poll::wait() found: at most `capacity` descriptors a call, the others next time.
class readiness_list {
 public:
  explicit readiness_list(std::size_t capacity = 256) : capacity_(capacity) {
    entries_.reserve(capacity);
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] const readiness* begin() const noexcept { return entries_.data(); }
  [[nodiscard]] const readiness* end() const noexcept { return entries_.data() + size(); }

  // For selectors.
  void clear() noexcept { entries_.clear(); }
  /// Precondition: size() < capacity().
  void push(readiness r) noexcept { entries_.push_back(r); }

 private:
  std::size_t capacity_;
  std::vector<readiness> entries_;
};

class selector;

/// A way to ask the operating system what is ready.
struct selector_kind {
  std::string_view name;  // "epoll", "kqueue", or "poll2" for poll(2)
  result<std::unique_ptr<selector>> (*open)() noexcept;
};

/// Those that this build has, the best one first, and last "poll2", which all have.
[[nodiscard]] std::span<const selector_kind> selectors() noexcept;

class waker;

/// A set of descriptors to wait for. Move-only; one that was moved from, or made without open(),
/// may only be assigned to and destroyed. wait() is for one thread at a time; the rest may be
/// called from any thread meanwhile.
class poll {
 public:
  poll() noexcept;
  poll(poll&&) noexcept;
  poll& operator=(poll&&) noexcept;
  ~poll();

  /// Close-on-exec. Errors: EMFILE, ENFILE, ENOMEM.
  [[nodiscard]] static result<poll> open(const selector_kind& kind = selectors().front()) noexcept;

  /// Reports `fd` as `name` from here on, and at once what is ready already. The descriptor stays
  /// the caller's, who removes it before closing it. Errors: EEXIST when it was added before,
  /// EBADF, EPERM for what can't be waited for (a regular file), EPIPE (kqueue) for a pipe that
  /// nobody reads any more, ENOMEM, ENOSPC.
  [[nodiscard]] error add(int fd, token name, interest wanted) noexcept;
  /// Another name or interest; what is ready is reported again. Errors: ENOENT, EBADF, and those
  /// for want of memory that add() has; on kqueue the descriptor is removed by the latter.
  [[nodiscard]] error modify(int fd, token name, interest wanted) noexcept;
  /// Errors: ENOENT, EBADF. What wait() returned before may still name it.
  error remove(int fd) noexcept;
  /// A call on `fd` would have blocked. To be told wherever that happens: poll(2) is silent
  /// otherwise; on epoll and kqueue it costs nothing. Without effect on what wasn't added.
  void would_block(int fd, interest blocked) noexcept;

  /// Waits until something is ready or `timeout` has passed, never less than that: rounded up to
  /// milliseconds. No timeout waits for ever, zero or less doesn't wait. `list` is emptied first.
  /// EINTR when a signal came.
  [[nodiscard]] error wait(readiness_list& list, std::optional<duration> timeout) noexcept;

  /// Readable when something is ready, so that a poll nests in a foreign loop. -1 on poll(2), which
  /// has no such descriptor.
  [[nodiscard]] int native_handle() const noexcept;

 private:
  friend class waker;
  explicit poll(std::unique_ptr<selector> s) noexcept;

  std::unique_ptr<selector> selector_;
};

}  // namespace drywire
