#include <drywire/sim/trace.hpp>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

namespace drywire::sim {

namespace {

constexpr std::array<std::string_view, 15> words = {"connects to port",
                                                    "is refused",
                                                    "waits to be accepted",
                                                    "is open",
                                                    "is accepted",
                                                    "sends",
                                                    "receives",
                                                    "has got until byte",
                                                    "acknowledged to",
                                                    "ends sending at",
                                                    "is reset",
                                                    "closes",
                                                    "times out",
                                                    "stalls",
                                                    "loses a packet"};
std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
  return hash ^ (hash >> 29);
}

static_assert(words.size() == static_cast<std::size_t>(happening::loses) + 1);

}  // namespace

void trace::note(instant when, happening what, std::uint64_t connection, unsigned side,
                 std::uint64_t value) noexcept {
  hash_ = mixed(hash_, static_cast<std::uint64_t>(when.nanoseconds));
  hash_ = mixed(hash_, connection << 16 | static_cast<std::uint64_t>(what) << 8 | side);
  hash_ = mixed(hash_, value);
  last_[size_++ % kept] = {when, connection, value, what, static_cast<std::uint8_t>(side)};
}

void trace::note_bytes(const_bytes bytes) noexcept {
  std::uint64_t hash = hash_;
  while (bytes.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    hash = mixed(hash, word);
    bytes = bytes.subspan(sizeof word);
  }
  for (const std::byte b : bytes) hash = mixed(hash, static_cast<std::uint64_t>(b));
  hash_ = hash;
}

std::string trace::tail(std::size_t lines_max, std::uint64_t connection) const {
  std::vector<const entry*> chosen;
  const std::uint64_t oldest = size_ - std::min<std::uint64_t>(size_, kept);
  for (std::uint64_t i = size_; i != oldest && chosen.size() != lines_max; --i) {
    const entry& e = last_[(i - 1) % kept];
    if (connection == 0 || e.connection == connection) chosen.push_back(&e);
  }
  std::string text;
  std::reverse(chosen.begin(), chosen.end());
  for (const entry* e : chosen) text += in_words(*e);
  return text;
}

std::string trace::in_words(const entry& e) {
  char line[128];
  std::snprintf(line, sizeof line, "%12.6f  %" PRIu64 "%s %s %" PRIu64 "\n",
                static_cast<double>(e.when.nanoseconds) / 1e9, e.connection,
                e.side == 0 ? "<" : ">", words[static_cast<std::size_t>(e.what)].data(), e.value);
  return line;
}

}  // namespace drywire::sim
