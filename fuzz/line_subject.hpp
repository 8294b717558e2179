// Lines under a fuzzer: small limits, so that a short input meets all of them.
#pragma once

#include <drywire/protocol/line.hpp>
#include <drywire/testkit/fuzz.hpp>

#include <string_view>

namespace drywire {

class line_subject {
 public:
  static constexpr std::size_t block_bytes = 256;
  static constexpr std::size_t output_bytes_max = 1000;
  // A block of output holds 136 copied bytes at least; the first may be written in part. One block
  // more has part of a line.
  static constexpr std::size_t blocks_max = (output_bytes_max + 135) / 136 + 1 + 1;

  explicit line_subject(testkit::choices decisions) : decisions_(decisions) {}

  static line::connection make(storage& memory) {
    line::limits limits;
    limits.line_bytes_max = 40;
    limits.output_bytes_max = output_bytes_max;
    limits.linger_bytes_max = 100;
    return line::connection(memory, limits);
  }

  // Echoes each line, and ends when the peer does, or says something else.
  void react(line::connection& connection, const line::event& event) {
    const std::size_t mood = decisions_.below(8);
    if (const auto* text = std::get_if<line::text>(&event)) {
      static_cast<void>(connection.send(mood == 7 ? text_bytes("!") : text->bytes));
      if (mood == 6) static_cast<void>(connection.finish());
    } else if (std::holds_alternative<line::end>(event) && mood != 7) {
      static_cast<void>(connection.finish());
    }
  }

  const line::command& wish() {
    static constexpr std::string_view texts[] = {"", "hello", "two\nlines", "a\rb",
                                                 std::string_view("\0", 1)};
    const std::size_t choice = decisions_.below(8);
    if (choice < std::size(texts)) {
      wish_ = line::send{text_bytes(texts[choice])};
    } else if (choice < 7) {
      wish_ = line::send{text_bytes(long_text)};
    } else {
      wish_ = line::finish{};
    }
    return wish_;
  }

  static bool is_last(const line::event& event) {
    return std::holds_alternative<line::peer_error>(event);
  }

 private:
  static constexpr std::string_view long_text =
      "a long line, longer than any that may come in, so that output grows quickly to its limit: "
      "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789";

  testkit::choices decisions_;
  line::command wish_;
};

}  // namespace drywire
