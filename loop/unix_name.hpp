// How the names of Unix-domain sockets are written as text: bytes that would break a word or a line
// as `\x0a`.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace drywire {

[[nodiscard]] std::string escaped_name(std::string_view name);

/// A name read back from text, without allocating.
class unescaped_name {
 public:
  /// False when a backslash begins no escape. What is too long for any address is cut to a length
  /// that still is. Precondition: not called before.
  [[nodiscard]] bool read(std::string_view text) noexcept;
  [[nodiscard]] std::string_view bytes() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, 128> bytes_;  // NOLINT(*-member-init): only what is read is written
  std::size_t size_ = 0;
};

}  // namespace drywire
