#include <drywire/protocol/output_queue.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace drywire {

namespace {

// Under this size a copy is cheaper than a record and one more piece in the system call.
constexpr std::size_t record_bytes_min = 64;

// Over this size a record, and the gap in front of it, are few bytes beside those that they are
// for.
constexpr std::size_t joined_bytes_max = 1024;

constexpr std::uint32_t aligned(std::uint32_t offset) noexcept { return (offset + 7U) & ~7U; }

}  // namespace

// What is left of one run of bytes. Copied bytes lie directly behind it.
struct output_queue::segment {
  const std::byte* data;
  std::size_t size;
  std::uint32_t end;  // offset in the block of what follows
  lifetime life;
};

// The head of a block of storage; its segments lie in [first, end).
struct output_queue::block {
  block* next = nullptr;
  std::uint32_t first;
  std::uint32_t last;  // the last segment; only meaningful if first != end
  std::uint32_t end;

  block() noexcept : first(sizeof(block)), last(sizeof(block)), end(sizeof(block)) {}

  std::byte* at(std::uint32_t offset) noexcept {
    return reinterpret_cast<std::byte*>(this) + offset;
  }
  segment& segment_at(std::uint32_t offset) noexcept {
    return *std::launder(reinterpret_cast<segment*>(at(offset)));
  }
  bool empty() const noexcept { return first == end; }
};

errc output_queue::copy(const_bytes bytes) noexcept {
  const mark before = here();
  while (!bytes.empty()) {
    if (!append_copied(bytes)) {
      rollback(before);
      return errc::no_memory;
    }
  }
  return errc::ok;
}

errc output_queue::lend(const_bytes bytes) noexcept { return record(bytes, lifetime::lent); }

errc output_queue::keep(const_bytes bytes) noexcept { return record(bytes, lifetime::stable); }

errc output_queue::add(const_bytes bytes, lifetime life) noexcept {
  switch (life) {
    case lifetime::copied: return copy(bytes);
    case lifetime::lent: return lend(bytes);
    case lifetime::stable: return keep(bytes);
  }
  return errc::invalid_argument;
}

errc output_queue::record(const_bytes bytes, lifetime life) noexcept {
  if (bytes.size() < record_bytes_min) return copy(bytes);
  segment* s = append_segment(life);
  if (s == nullptr) return errc::no_memory;
  s->data = bytes.data();
  s->size = bytes.size();
  size_ += bytes.size();
  if (life == lifetime::lent) ++lent_;
  return errc::ok;
}

mutable_bytes output_queue::reserve(std::size_t n) noexcept {
  assert(n + block_bytes_min <= memory_.block_size());
  const bool joins =
      last_ != nullptr && room() >= n && last_->segment_at(last_->last).life == lifetime::copied;
  if (!joins && !append_segment_for(n)) return {};
  return {last_->at(last_->end), room()};
}

void output_queue::commit(std::size_t n) noexcept {
  assert(n > 0 && n <= room());
  segment& s = last_->segment_at(last_->last);
  s.size += n;
  s.end = last_->end += static_cast<std::uint32_t>(n);
  size_ += n;
}

mutable_bytes output_queue::leave_gap(std::size_t n) noexcept {
  assert(n + block_bytes_min <= memory_.block_size());
  if (!append_segment_for(n)) return {};
  const mutable_bytes gap(last_->at(last_->end), n);
  commit(n);
  return gap;
}

void output_queue::fill(mutable_bytes gap, const_bytes bytes) noexcept {
  assert(!bytes.empty() && bytes.size() <= gap.size());
  // The gap began a segment: what it has too much is cut off there.
  auto& s = *std::launder(reinterpret_cast<segment*>(gap.data() - sizeof(segment)));
  const std::size_t unused = gap.size() - bytes.size();
  s.data += unused;
  s.size -= unused;
  size_ -= unused;
  std::memcpy(gap.data() + unused, bytes.data(), bytes.size());
}

output_queue::mark output_queue::here() const noexcept {
  mark m;
  m.last = last_;
  m.size = size_;
  m.lent = lent_;
  if (last_ != nullptr) {
    m.segment = last_->last;
    m.end = last_->end;
    if (!last_->empty()) m.segment_size = last_->segment_at(m.segment).size;
  }
  return m;
}

void output_queue::rollback(const mark& m) noexcept {
  if (m.last == nullptr) return clear();
  release_from(m.last->next);
  last_ = m.last;
  last_->next = nullptr;
  last_->last = m.segment;
  last_->end = m.end;
  segment& s = last_->segment_at(m.segment);
  s.size = m.segment_size;
  s.end = m.end;
  size_ = m.size;
  lent_ = m.lent;
}

void output_queue::join(const mark& m) noexcept {
  if (m.size == 0 || m.last != last_) return;
  segment& before = last_->segment_at(m.segment);
  const segment& behind = last_->segment_at(last_->last);
  const bool copied = before.life == lifetime::copied && behind.life == lifetime::copied;
  if (!copied || before.end != last_->last || behind.size > joined_bytes_max) return;
  const std::size_t size = behind.size;
  std::memmove(last_->at(m.end), behind.data, size);  // over `behind`, too
  before.size += size;
  last_->last = m.segment;
  before.end = last_->end = m.end + static_cast<std::uint32_t>(size);
}

std::span<const const_bytes> output_queue::output(std::size_t n) noexcept {
  if (size_ == 0 || n == 0) return {};
  // The list grows in bytes that the next call may overwrite: they belong to nobody now.
  const std::uint32_t start = aligned(last_->end);
  const std::size_t fitting = (memory_.block_size() - start) / sizeof(const_bytes);
  const std::size_t count_max = std::min(pieces_max, fitting);
  auto* list = reinterpret_cast<const_bytes*>(last_->at(start));
  std::size_t count = 0;
  for (block* b = first_; b != nullptr; b = b->next) {
    for (std::uint32_t at = b->first; at != b->end; at = b->segment_at(at).end) {
      if (count == count_max || n == 0) return {list, count};
      const segment& s = b->segment_at(at);
      const std::size_t taken = std::min(n, s.size);
      new (list + count++) const_bytes(s.data, taken);
      n -= taken;
    }
  }
  return {list, count};
}

std::size_t output_queue::consume(std::size_t n) noexcept {
  const std::size_t all = std::min(n, size_);
  size_ -= all;
  for (std::size_t left = all; left > 0;) {
    segment& s = first_->segment_at(first_->first);
    const std::size_t taken = std::min(left, s.size);
    s.data += taken;
    s.size -= taken;
    left -= taken;
    if (s.size > 0) break;
    if (s.life == lifetime::lent) --lent_;
    first_->first = s.end;
    if (first_->empty()) drop_first_block();
  }
  return all;
}

errc output_queue::retain() noexcept {
  if (lent_ == 0) return errc::ok;
  // Only what lies behind the first lent segment moves: everything before it keeps its place.
  for (block* b = first_; b != nullptr; b = b->next) {
    for (std::uint32_t at = b->first; at != b->end; at = b->segment_at(at).end) {
      if (b->segment_at(at).life != lifetime::lent) continue;
      return take_over(b, at) ? errc::ok : errc::no_memory;
    }
  }
  return errc::ok;
}

void output_queue::clear() noexcept {
  release_from(first_);
  first_ = last_ = nullptr;
  size_ = lent_ = 0;
}

// Moves the segments from `offset` of block `from` on into new blocks, where lent bytes become
// copies. False, with the queue as it was, if the storage can't hold them.
bool output_queue::take_over(block* from, std::uint32_t offset) noexcept {
  output_queue moved(memory_);
  for (block* b = from; b != nullptr; b = b->next) {
    for (std::uint32_t at = b == from ? offset : b->first; at != b->end;) {
      const segment& s = b->segment_at(at);
      const const_bytes bytes(s.data, s.size);
      const errc done = s.life == lifetime::stable ? moved.keep(bytes) : moved.copy(bytes);
      if (done != errc::ok) return false;
      at = s.end;
    }
  }
  cut(from, offset);
  lent_ = 0;
  if (!move_in(moved)) {
    (last_ == nullptr ? first_ : last_->next) = moved.first_;
    last_ = moved.last_;
    moved.first_ = nullptr;
  }
  return true;
}

// Moves what lies in `moved` to the room behind the last segment here, if it all fits, so that a
// block isn't spent on each of many small pieces. size_ counts it already.
bool output_queue::move_in(const output_queue& moved) noexcept {
  block* b = moved.first_;
  if (last_ == nullptr || b == nullptr || b != moved.last_) return false;
  const std::size_t needed = b->end - b->first + sizeof(segment) + 2 * alignof(segment);
  if (needed > room()) return false;
  const std::size_t size = size_;
  for (std::uint32_t at = b->first; at != b->end; at = b->segment_at(at).end) {
    const segment& s = b->segment_at(at);
    const const_bytes bytes(s.data, s.size);
    // There is room: neither needs a block.
    static_cast<void>(s.life == lifetime::stable ? keep(bytes) : copy(bytes));
  }
  size_ = size;
  return true;
}

// Ends the chain before the segment at `offset` of block b; size and lent segments don't follow.
void output_queue::cut(block* b, std::uint32_t offset) noexcept {
  block* before = nullptr;
  for (block* i = first_; i != b; i = i->next) before = i;
  if (offset == b->first) {
    release_from(b);
    last_ = before;
    (before == nullptr ? first_ : before->next) = nullptr;
    return;
  }
  release_from(b->next);
  b->next = nullptr;
  b->last = b->first;
  while (b->segment_at(b->last).end != offset) b->last = b->segment_at(b->last).end;
  // What is copied next joins copied bytes where they end, not where the next segment was aligned.
  segment& s = b->segment_at(b->last);
  if (s.life == lifetime::copied) {
    s.end = static_cast<std::uint32_t>(s.data + s.size - reinterpret_cast<std::byte*>(b));
  }
  b->end = s.end;
  last_ = b;
}

// Copies as much of `bytes` as one block takes and shortens it by that. False: no block to be had.
bool output_queue::append_copied(const_bytes& bytes) noexcept {
  const bool joins =
      last_ != nullptr && room() > 0 && last_->segment_at(last_->last).life == lifetime::copied;
  segment* s = joins ? &last_->segment_at(last_->last) : append_segment(lifetime::copied);
  if (s == nullptr) return false;
  const std::size_t taken = std::min(bytes.size(), room());
  std::memcpy(last_->at(last_->end), bytes.data(), taken);
  s->size += taken;
  s->end = last_->end += static_cast<std::uint32_t>(taken);
  size_ += taken;
  bytes = bytes.subspan(taken);
  return true;
}

output_queue::segment* output_queue::append_segment(lifetime life) noexcept {
  // A copied segment with no room for a byte behind it would be of no use.
  if ((last_ == nullptr || room() < sizeof(segment) + 2 * alignof(segment)) && !add_block()) {
    return nullptr;
  }
  const std::uint32_t at = last_->empty() ? last_->end : aligned(last_->end);
  if (!last_->empty()) last_->segment_at(last_->last).end = at;
  auto* s = new (last_->at(at)) segment{};
  last_->last = at;
  s->end = last_->end = at + static_cast<std::uint32_t>(sizeof(segment));
  s->data = last_->at(last_->end);
  s->life = life;
  return s;
}

// A segment for copied bytes with room for n of them in one run.
bool output_queue::append_segment_for(std::size_t n) noexcept {
  const bool fits = last_ != nullptr && room() >= n + sizeof(segment) + alignof(segment);
  return (fits || add_block()) && append_segment(lifetime::copied) != nullptr;
}

bool output_queue::add_block() noexcept {
  const mutable_bytes memory = memory_.acquire();
  if (memory.empty()) return false;
  assert(memory.size() >= block_bytes_min);
  auto* b = new (memory.data()) block();
  (last_ == nullptr ? first_ : last_->next) = b;
  last_ = b;
  return true;
}

// Free bytes in the last block, less what the shortest useful list of pieces needs.
std::size_t output_queue::room() const noexcept {
  const std::size_t reserve = 4 * sizeof(const_bytes) + alignof(const_bytes);
  const std::size_t used = last_->end + reserve;
  return memory_.block_size() > used ? memory_.block_size() - used : 0;
}

void output_queue::drop_first_block() noexcept {
  block* gone = first_;
  first_ = gone->next;
  if (first_ == nullptr) last_ = nullptr;
  memory_.release(reinterpret_cast<std::byte*>(gone));
}

void output_queue::release_from(block* b) noexcept {
  while (b != nullptr) {
    block* next = b->next;
    memory_.release(reinterpret_cast<std::byte*>(b));
    b = next;
  }
}

}  // namespace drywire
