// Gathering pieces for the system's calls, and calling again what a signal has interrupted.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/loop/error.hpp>

#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

namespace drywire {

template <class Call>
auto uninterrupted(Call call) noexcept {
  auto answer = call();
  while (answer < 0 && errno == EINTR) answer = call();
  return answer;
}

/// What a call answered that counts bytes, or fails by errno.
[[nodiscard]] inline result<std::size_t> counted(ssize_t size) noexcept {
  if (size < 0) return error(errno);
  return static_cast<std::size_t>(size);
}

/// What one call takes off the front of `pieces`, empty ones left out.
class piece_group {
 public:
  // Enough for any drain of a driver, small enough for the stack.
  static constexpr std::size_t pieces_max = 64;

  explicit piece_group(std::span<const const_bytes>& pieces) noexcept {
    while (!pieces.empty() && count_ < pieces_max) {
      add(pieces.front());
      pieces = pieces.subspan(1);
    }
  }

  [[nodiscard]] iovec* parts() noexcept { return parts_.data(); }
  [[nodiscard]] int count() const noexcept { return static_cast<int>(count_); }
  /// In bytes.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  void add(const_bytes piece) noexcept {
    if (piece.empty()) return;
    // Nothing writes there: an iovec serves reading too, hence isn't const.
    auto* bytes = const_cast<std::byte*>(piece.data());  // NOLINT(*-const-cast)
    parts_[count_++] = {bytes, piece.size()};
    size_ += piece.size();
  }

  std::array<iovec, pieces_max> parts_;  // NOLINT(*-member-init): only what is used is written
  std::size_t count_ = 0;
  std::size_t size_ = 0;
};

/// A full group that went whole is followed by the next, so that short means no room, whatever the
/// number of pieces. An error behind bytes that went is told in their place: a socket tells it
/// once.
template <class SendGroup>
result<std::size_t> send_in_groups(std::span<const const_bytes> pieces,
                                   SendGroup send_group) noexcept {
  std::size_t sent = 0;
  while (!pieces.empty()) {
    piece_group group(pieces);
    if (group.size() == 0) break;
    const auto size = counted(uninterrupted([&] { return send_group(group); }));
    if (!size && sent != 0 && size.error() == error(EAGAIN)) break;
    if (!size) return size;
    sent += *size;
    if (*size < group.size()) break;
  }
  return sent;
}

}  // namespace drywire
