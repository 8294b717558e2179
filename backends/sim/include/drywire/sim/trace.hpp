// All that happened in a network as one number, and the last of it in words.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/instant.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace drywire::sim {

/// `side` 0 is who connected, 1 who accepted.
enum class happening : std::uint8_t {
  connects,
  is_refused,
  is_queued,
  is_open,
  is_accepted,
  sends,
  receives,
  arrives,
  is_acknowledged,
  ends_sending,
  is_reset,
  closes,
  times_out,
  stalls,
  loses,
};

class trace {
 public:
  void note(instant when, happening what, std::uint64_t connection, unsigned side,
            std::uint64_t value) noexcept;
  void note_bytes(const_bytes bytes) noexcept;

  /// The same for the same seed and program, whatever the compiler and its options.
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// The last entries, a line each, the oldest first: of one connection, or of all with 0.
  [[nodiscard]] std::string tail(std::size_t lines_max, std::uint64_t connection = 0) const;

 private:
  struct entry {
    instant when;
    std::uint64_t connection = 0;
    std::uint64_t value = 0;
    happening what = {};
    std::uint8_t side = 0;
  };
  static constexpr std::size_t kept = 1024;

  [[nodiscard]] static std::string in_words(const entry& e);

  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::uint64_t size_ = 0;
  std::array<entry, kept> last_{};
};

}  // namespace drywire::sim
