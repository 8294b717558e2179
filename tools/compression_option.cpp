#include "compression_option.hpp"

#include "failure.hpp"
#include "limit_value.hpp"
#include "settings.hpp"

#include <string>

namespace drywire::tools {

namespace {

// A word behind its equals sign; nothing if it is another word, or no number in the range.
std::optional<std::uint64_t> number_of(std::string_view word, std::string_view name,
                                       std::uint64_t least, std::uint64_t most) noexcept {
  if (!word.starts_with(name) || !word.substr(name.size()).starts_with('=')) return {};
  const auto number = parse_size(word.substr(name.size() + 1), most);
  return number && *number >= least ? number : std::nullopt;
}

bool take_word(websocket::compression& to, std::string_view word) noexcept {
  const auto set_bits = [&](std::uint8_t& bits, std::string_view name) {
    const auto number = number_of(word, name, 8, 15);
    if (number) bits = static_cast<std::uint8_t>(*number);
    return number.has_value();
  };
  if (word == "on") return true;
  if (word == "context") return to.own_context = to.peer_context = true;
  if (word == "own-context") return to.own_context = true;
  if (word == "peer-context") return to.peer_context = true;
  if (set_bits(to.own_window_bits, "own-window")) return true;
  if (set_bits(to.peer_window_bits, "peer-window")) return true;
  if (const auto level = number_of(word, "level", 1, 9)) {
    to.level = static_cast<std::uint8_t>(*level);
    return true;
  }
  const auto bytes = number_of(word, "min-bytes", 0, UINT32_MAX);
  if (bytes) to.message_bytes_min = static_cast<std::uint32_t>(*bytes);
  return bytes.has_value();
}

}  // namespace

std::optional<websocket::compression> parse_compression(const said& words) {
  if (words.value == "off") return {};
  websocket::compression wanted;
  std::string_view rest = words.value;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    if (!take_word(wanted, word)) {
      throw failure(words.where + ": '" + std::string(word) +
                    "' is not on, off, context, own-context, peer-context, own-window=8..15, "
                    "peer-window=8..15, level=1..9 or min-bytes=SIZE");
    }
    if (comma == std::string_view::npos) return wanted;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace drywire::tools
