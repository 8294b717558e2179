// A peer that sends whatever it draws, and now and then what it may not.
#pragma once

#include "wire.hpp"
#include "zlib_peer.hpp"

#include <drywire/testkit/random.hpp>

#include <array>
#include <string>
#include <string_view>

namespace websocket_test {

class random_peer {
 public:
  random_peer(bool to_server, bool deflates, bool takeover, drywire::testkit::random& numbers)
      : to_server_(to_server), deflates_(deflates), deflater_(15, takeover), numbers_(numbers) {}

  /// The next frame: of a message, or a control frame.
  std::string frame() {
    if (numbers_.below(400) == 0) return wrong_frame();
    switch (numbers_.below(8)) {
      case 0: return frame(ping, text_of(numbers_.below(126)));
      case 1: return frame(pong, text_of(numbers_.below(126)));
      case 2:
        if (numbers_.below(30) == 0) return frame(closing, status(3000, text_of(40)));
        [[fallthrough]];
      default: return fragment();
    }
  }

  /// UTF-8 of at most so many bytes.
  std::string text_of(std::size_t size) {
    constexpr std::array<std::string_view, 3> parts{"abcd", "\xC3\xA9", "\xF0\x9F\x98\x80"};
    const bool repeats = numbers_.below(2) == 0;
    std::string part(parts[numbers_.below(3)]);
    std::string all;
    while (all.size() + part.size() <= size) {
      all += part;
      if (!repeats) part = std::to_string(numbers_.below(1000)) + ' ';
    }
    return all;
  }

 private:
  std::string frame(unsigned first_byte, std::string_view payload) const {
    return to_server_ ? up(first_byte, payload) : down(first_byte, payload);
  }

  std::string fragment() {
    unsigned first_byte = 0;
    if (!open_) {
      constexpr std::array<std::size_t, 8> sizes{0, 1, 125, 126, 600, 1000, 2000, 2001};
      const bool compressed = deflates_ && numbers_.below(2) == 0;
      first_byte = (numbers_.below(2) == 0 ? 1U : 2U) | (compressed ? rsv1 : 0U);
      left_ = text_of(sizes[numbers_.below(sizes.size())]);
      // RFC 7692 7.2.3.6: zlib has nothing to flush.
      if (compressed) left_ = left_.empty() ? std::string(1, '\0') : deflater_.send(left_);
    }
    open_ = numbers_.below(3) == 0;
    const std::size_t size = open_ ? numbers_.below(left_.size() + 1) : left_.size();
    const std::string payload = left_.substr(0, size);
    left_.erase(0, size);
    return frame(first_byte | (open_ ? 0U : 0x80U), payload);
  }

  std::string wrong_frame() {
    const unsigned random = static_cast<unsigned>(numbers_.next());
    switch (numbers_.below(open_ ? 4 : 6)) {
      case 0: return frame(random & 0xFFU, text_of(numbers_.below(200)));
      case 1: return to_server_ ? down(text, "plain") : up(text, "masked");
      case 2: return frame(closing, status(random % 6000, "\xC3"));
      case 3: {
        std::string all{static_cast<char>(binary), static_cast<char>(to_server_ ? 0xFF : 0x7F)};
        for (int i = 0; i < 12; ++i) all += static_cast<char>(i < 6 ? random >> i * 5 & 1 : 1);
        return all;
      }
      case 4: return frame(text, "good \xC3\xA9 bad \xED\xA0\x80");
      default: return frame(text | rsv1, "\x07");  // no type of block
    }
  }

  bool to_server_;
  bool deflates_;
  drywire::tests::zlib_sender deflater_;
  drywire::testkit::random& numbers_;
  std::string left_;  // of the message's payload
  bool open_ = false;
};

}  // namespace websocket_test
