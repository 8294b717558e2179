// A whole encoded body through a content_decoder, in pieces and rooms of chosen sizes.
#pragma once

#include <drywire/deflate/content_decoder.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::tests {

struct outcome {
  std::string text;
  std::optional<deflate::fault> failed;

  friend bool operator==(const outcome&, const outcome&) = default;
  friend std::ostream& operator<<(std::ostream& out, const outcome& o) {
    return out << o.text.size() << " bytes, "
               << (o.failed ? deflate::to_string(*o.failed) : std::string_view("whole"));
  }
};

/// One piece through the decoder, as a caller does it; false behind a fault.
inline bool decode_piece(deflate::content_decoder& decoder, std::string_view piece,
                         std::size_t room, outcome& so_far) {
  std::vector<std::byte> out(room);
  const_bytes in = text_bytes(piece);
  while (true) {
    const auto step = decoder.decode(in, out);
    so_far.text += as_text(const_bytes(out).first(step.produced));
    so_far.failed = step.failed;
    in = in.subspan(step.consumed);
    if (step.failed) return false;
    if (step.produced < room) return in.empty();
  }
}

inline outcome decode(deflate::content_decoder& decoder, std::string_view encoded,
                      const std::vector<std::size_t>& cuts = {}, std::size_t room = 4096) {
  outcome result;
  std::size_t at = 0;
  for (const std::size_t cut : cuts) {
    if (!decode_piece(decoder, encoded.substr(at, cut - at), room, result)) return result;
    at = cut;
  }
  if (decode_piece(decoder, encoded.substr(at), room, result)) result.failed = decoder.finish();
  return result;
}

/// Cuts behind every byte.
inline std::vector<std::size_t> every_byte(std::string_view encoded) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < encoded.size(); ++i) cuts.push_back(i);
  return cuts;
}

}  // namespace drywire::tests
