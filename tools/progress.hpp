// How far a transfer is, on a terminal: a line that is drawn over and over, and gone at the end.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/loop/loop_core.hpp>
#include <drywire/loop/timer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace drywire::tools {

/// What the line says. Knows no terminal and no clock.
class progress_meter {
 public:
  /// `present` bytes are there already; `total` with them, if that is known.
  void begin(instant t, std::uint64_t present, std::optional<std::uint64_t> total) noexcept;
  void add(std::uint64_t bytes) noexcept { bytes_ += bytes; }
  /// A line of at most `columns` characters. The rate is that of the last lines, so call it at
  /// regular times.
  [[nodiscard]] std::string line(instant t, std::size_t columns);

 private:
  struct sample {
    instant at;
    std::uint64_t bytes;
  };
  [[nodiscard]] double bytes_per_second(instant t) const noexcept;

  static constexpr std::size_t samples_max = 16;  // 4 s of lines

  std::uint64_t bytes_ = 0;
  std::optional<std::uint64_t> total_;
  std::array<sample, samples_max> samples_{};  // a ring, the oldest at lines_ % samples_max
  std::size_t lines_ = 0;
};

/// Draws it on standard error, four times a second, if that is a terminal; else does nothing. One
/// at a time: SIGINT erases it before it ends the process.
class progress_bar final : private timer {
 public:
  explicit progress_bar(loop_core& core) noexcept : core_(core) {}
  ~progress_bar() override { end(); }

  void begin(std::uint64_t present, std::optional<std::uint64_t> total);
  void add(std::uint64_t bytes) noexcept { meter_.add(bytes); }
  /// Erases it. No effect without begin().
  void end() noexcept;

 private:
  void on_timer() noexcept override;

  loop_core& core_;
  progress_meter meter_;
  void (*on_interrupt_)(int) = nullptr;  // what SIGINT did before
  bool shown_ = false;
};

}  // namespace drywire::tools
