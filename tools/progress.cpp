#include "progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string_view>

namespace drywire::tools {

namespace {

constexpr duration interval = milliseconds(250);
constexpr std::string_view erasure = "\r\x1b[K";

void put(std::string_view text) noexcept {
  static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

void erase_and_die(int number) {
  put(erasure);
  ::signal(number, SIG_DFL);
  ::raise(number);
}

std::string size_text(double bytes) {
  static constexpr std::array<const char*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < units.size(); ++unit) bytes /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 || bytes >= 100 ? "%.0f %s" : "%.1f %s", bytes,
                units[unit]);
  return text;
}

std::string time_text(double seconds) {
  if (seconds >= 360'000) return "days";
  const auto s = static_cast<unsigned>(seconds);
  char text[32];
  if (s >= 3600) {
    std::snprintf(text, sizeof text, "%u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
  } else {
    std::snprintf(text, sizeof text, "%u:%02u", s / 60, s % 60);
  }
  return text;
}

std::string bar_text(double part, std::size_t width) {
  const auto done = static_cast<std::size_t>(part * static_cast<double>(width));
  return std::string("[").append(done, '#').append(width - done, '-').append("] ");
}

std::size_t columns_of_terminal() noexcept {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

void progress_meter::begin(instant t, std::uint64_t present,
                           std::optional<std::uint64_t> total) noexcept {
  bytes_ = present;
  total_ = total;
  samples_.fill({t, present});
  lines_ = 0;
}

std::string progress_meter::line(instant t, std::size_t columns) {
  const double rate = bytes_per_second(t);
  samples_[lines_++ % samples_max] = {t, bytes_};
  std::string text = size_text(static_cast<double>(bytes_));
  std::string front;
  if (total_ && *total_ >= bytes_ && *total_ != 0) {
    const double part = static_cast<double>(bytes_) / static_cast<double>(*total_);
    char percent[8];
    std::snprintf(percent, sizeof percent, "%3.0f%% ", std::min(100.0, part * 100));
    text += " of " + size_text(static_cast<double>(*total_));
    if (rate > 0) {
      text += "  " + size_text(rate) + "/s  " +
              time_text(static_cast<double>(*total_ - bytes_) / rate) + " left";
    }
    const std::size_t taken = std::string_view(percent).size() + text.size() + 3;
    front = percent;
    if (taken + 10 <= columns) front += bar_text(part, std::min<std::size_t>(columns - taken, 40));
  } else if (rate > 0) {
    text += "  " + size_text(rate) + "/s";
  }
  return (front + text).substr(0, columns);
}

// Since the oldest of the samples.
double progress_meter::bytes_per_second(instant t) const noexcept {
  const sample& oldest = samples_[lines_ % samples_max];
  const double passed = static_cast<double>((t - oldest.at).nanoseconds) / 1e9;
  return passed > 0 ? static_cast<double>(bytes_ - oldest.bytes) / passed : 0;
}

void progress_bar::begin(std::uint64_t present, std::optional<std::uint64_t> total) {
  if (::isatty(STDERR_FILENO) == 0) return;
  const instant t = core_.time().steady;
  meter_.begin(t, present, total);
  shown_ = true;
  on_interrupt_ = ::signal(SIGINT, erase_and_die);
  if (on_interrupt_ == SIG_IGN) ::signal(SIGINT, SIG_IGN);  // as in a script's background
  core_.arm(*this, t + interval);
}

void progress_bar::end() noexcept {
  if (!shown_) return;
  shown_ = false;
  cancel();
  put(erasure);
  ::signal(SIGINT, on_interrupt_);
}

void progress_bar::on_timer() noexcept {
  const instant t = core_.time().steady;
  // The last column stays free: a character there would make some terminals begin a new line.
  put(std::string(erasure) + meter_.line(t, columns_of_terminal() - 1));
  core_.arm(*this, t + interval);
}

}  // namespace drywire::tools
