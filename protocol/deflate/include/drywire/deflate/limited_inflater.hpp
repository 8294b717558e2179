// Raw deflate undone within limits: an inflater that counts.
//
// What comes out, and where it fails, doesn't depend on how the input was cut or how large the room
// was. Immovable, one thread.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/deflate/inflater.hpp>

#include <cstddef>
#include <cstdint>

namespace drywire::deflate {

struct limits {
  /// Decoded bytes. The default is more than a program would hold in memory; who passes bodies on
  /// as they come may raise it.
  std::uint64_t output_bytes_max = std::uint64_t{1} << 30;
  /// Decoded bytes for each encoded byte, these rounded up to a whole KiB. Text, JSON and logs stay
  /// under 50; what is made to fill memory or time comes near to 1032, the most that deflate has.
  std::uint32_t ratio_max = 100;
  /// So many decoded bytes are free of the ratio: a small body may be as repetitive as it likes.
  std::uint64_t ratio_free_bytes = std::uint64_t{1} << 20;
};

class limited_inflater {
 public:
  enum class state : std::uint8_t {
    more,            ///< room is left: all input was consumed, and more is wanted
    full,            ///< the room was used up; there may be more without more input
    end,             ///< behind the last block of a stream: input after it wasn't consumed
    corrupt,         ///< not a deflate stream, or it refers back too far
    size_exceeded,   ///< there is more than `output_bytes_max`
    ratio_exceeded,  ///< there is more than `ratio_max` allows
    no_memory,       ///< the storage had no block
  };
  struct step {
    std::size_t consumed;  ///< bytes from the front of the input
    std::size_t produced;  ///< bytes at the front of the output, right whatever the state is
    state what;
  };

  /// As inflater's.
  limited_inflater(storage& memory, int window_bits, const limits& l) noexcept
      : inflater_(memory, window_bits), limits_(l) {}

  /// Consumes and produces what it can. Behind one of the four failures call it no more.
  [[nodiscard]] step inflate(const_bytes in, mutable_bytes out) noexcept;

  /// Encoded bytes that aren't deflate's, such as a frame around it: they count for the ratio.
  void add_encoded(std::size_t bytes) noexcept { encoded_ += bytes; }
  /// The limits count from here.
  void restart_count() noexcept;

  /// inflater's.
  void continue_stream() noexcept { inflater_.continue_stream(); }
  [[nodiscard]] bool between_blocks() const noexcept { return inflater_.between_blocks(); }
  void release() noexcept { inflater_.release(); }

  /// Since restart_count().
  [[nodiscard]] std::uint64_t encoded() const noexcept { return encoded_; }
  [[nodiscard]] std::uint64_t decoded() const noexcept { return decoded_; }
  /// Whether all that follows from the input so far has come out.
  [[nodiscard]] bool drained() const noexcept { return drained_; }

 private:
  state inflate_portion(const_bytes& in, mutable_bytes& out) noexcept;
  const_bytes portion(const_bytes in) const noexcept;
  std::uint64_t ratio_bound(const_bytes fed) const noexcept;

  inflater inflater_;
  limits limits_;
  std::uint64_t encoded_ = 0;
  std::uint64_t decoded_ = 0;
  bool drained_ = true;
};

}  // namespace drywire::deflate
