// The output of a machine until it has left: a queue of segments that live in blocks of its
// storage.
//
// A segment is copied bytes, or a record of bytes that somebody else owns: *lent* bytes die at the
// end of a drain and are copied by retain(); *stable* bytes outlive the queue's use of them and are
// never copied. Copied bytes join the segment before them. The list that output() hands out is
// built in the free tail of the last block, so that an idle queue is five words and no block.
// A member of every machine here, and of any that is written elsewhere.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/storage.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace drywire {

/// How long bytes that are given to a machine live.
enum class lifetime : std::uint8_t {
  copied,  ///< for the call: the machine copies them
  lent,    ///< until the driver's retain_output(): the lent input, echoed without a copy
  stable,  ///< until the machine says that they have left, or else as long as the machine
};

class output_queue {
  struct block;

 public:
  /// A list of pieces is never longer, so that it fits one system call everywhere.
  static constexpr std::size_t pieces_max = 64;
  /// The least block size that a queue can work with.
  static constexpr std::size_t block_bytes_min = 256;

  /// `memory` outlives the queue. Acquires nothing yet.
  explicit output_queue(storage& memory) noexcept : memory_(memory) {}
  output_queue(const output_queue&) = delete;
  output_queue& operator=(const output_queue&) = delete;
  ~output_queue() { clear(); }

  // Each of the four takes all of its bytes, or answers no_memory and takes none.

  /// Queues a copy.
  errc copy(const_bytes bytes) noexcept;
  /// Queues bytes that stay valid and unchanged until they are consumed or retain() is called.
  errc lend(const_bytes bytes) noexcept;
  /// Queues bytes that stay valid and unchanged until they are consumed.
  errc keep(const_bytes bytes) noexcept;
  /// One of the three.
  errc add(const_bytes bytes, lifetime life) noexcept;

  /// Room behind the queue to be written to directly, at least `n` bytes in one run; empty if there
  /// is no block. Precondition: n is at most a block less block_bytes_min. Until commit() or
  /// rollback() no other member may be called.
  [[nodiscard]] mutable_bytes reserve(std::size_t n) noexcept;
  /// Queues the first n bytes of what reserve() gave. Precondition: 0 < n.
  void commit(std::size_t n) noexcept;

  /// Queues n bytes whose values are known later, such as a header that tells the length of what
  /// follows: a run in the queue's memory, for fill(). Empty if there is no block. Precondition: n
  /// is at most a block less block_bytes_min.
  [[nodiscard]] mutable_bytes leave_gap(std::size_t n) noexcept;
  /// `bytes`, which aren't none, take the place of `gap`, which may be longer. Precondition:
  /// leave_gap() gave it, and nothing was consumed, retained or rolled back to before it since.
  void fill(mutable_bytes gap, const_bytes bytes) noexcept;

  /// The end of the queue at one time, for rollback().
  class mark {
    friend output_queue;
    block* last = nullptr;
    std::uint32_t segment = 0;
    std::size_t segment_size = 0;
    std::uint32_t end = 0;
    std::size_t size = 0;
    std::size_t lent = 0;
  };
  [[nodiscard]] mark here() const noexcept;
  /// Takes back what was queued after `m`. Precondition: nothing was consumed or retained since.
  void rollback(const mark& m) noexcept;

  /// What was queued after `m`, if it is short, joins the copied bytes before it, so that it takes
  /// no more memory than they. Precondition as above.
  void join(const mark& m) noexcept;

  /// The first pieces, together at most n bytes (at least one byte if n > 0 and there is one).
  /// Valid until the next call that isn't const.
  [[nodiscard]] std::span<const const_bytes> output(std::size_t n) noexcept;

  /// Drops the first n bytes, or all if there are fewer, and the blocks that they filled. Gives how
  /// many they were: whoever shows output may clear() before it was written.
  std::size_t consume(std::size_t n) noexcept;

  /// Replaces lent bytes by copies. no_memory: nothing changed.
  errc retain() noexcept;

  void clear() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// True while retain() would have something to copy.
  [[nodiscard]] bool borrows() const noexcept { return lent_ != 0; }

 private:
  struct segment;

  errc record(const_bytes bytes, lifetime life) noexcept;
  bool append_copied(const_bytes& bytes) noexcept;
  segment* append_segment(lifetime life) noexcept;
  bool append_segment_for(std::size_t n) noexcept;
  bool add_block() noexcept;
  std::size_t room() const noexcept;
  void drop_first_block() noexcept;
  bool take_over(block* from, std::uint32_t offset) noexcept;
  bool move_in(const output_queue& moved) noexcept;
  void cut(block* b, std::uint32_t offset) noexcept;
  void release_from(block* b) noexcept;

  storage& memory_;
  block* first_ = nullptr;
  block* last_ = nullptr;
  std::size_t size_ = 0;
  std::size_t lent_ = 0;  // segments
};

}  // namespace drywire
