// What can go wrong in a simulated network, each by its name. Where and when is drawn from the
// network's seed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace drywire::sim {

enum class fault : std::uint32_t {
  latency = 1U << 0,
  bandwidth = 1U << 1,
  short_reads = 1U << 2,
  short_writes = 1U << 3,
  would_block = 1U << 4,
  reset = 1U << 5,
  half_close = 1U << 6,
  stall = 1U << 7,
  refuse = 1U << 8,
  vanish = 1U << 9,
  descriptors = 1U << 10,
  clock = 1U << 11,
};

struct named_fault {
  fault what;
  std::string_view name;
  std::string_view meaning;
};
[[nodiscard]] std::span<const named_fault> named_faults() noexcept;

class fault_set {
 public:
  constexpr fault_set() = default;
  constexpr fault_set(fault f) noexcept  // NOLINT(google-explicit-constructor): one is a set
      : bits_(static_cast<std::uint32_t>(f)) {}
  [[nodiscard]] static fault_set all() noexcept;
  /// Names with commas between them, "all", or "none". Empty when one of them isn't known.
  [[nodiscard]] static std::optional<fault_set> parse(std::string_view list) noexcept;
  /// The form that parse() reads.
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] constexpr bool has(fault f) const noexcept {
    return (bits_ & static_cast<std::uint32_t>(f)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }

  friend constexpr fault_set operator|(fault_set a, fault_set b) noexcept {
    a.bits_ |= b.bits_;
    return a;
  }
  friend constexpr bool operator==(fault_set, fault_set) = default;

 private:
  std::uint32_t bits_ = 0;
};

[[nodiscard]] constexpr fault_set operator|(fault a, fault b) noexcept {
  return fault_set(a) | fault_set(b);
}

}  // namespace drywire::sim
