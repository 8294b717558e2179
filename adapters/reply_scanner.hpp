// Follows the responses of one HTTP/1.1 connection and takes the chunk borders out, RFC 9112 7.1:
// they depend on how the body arrived. Trusts its input: it is what our own writer made.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace drywire {

class reply_scanner {
 public:
  /// A request came: its response follows those of the requests before it.
  void expect_reply(std::string_view method) { to_head_.push_back(method == "HEAD"); }

  /// Gives `sink` (called with std::string_view) all but chunk sizes and the line ends of chunks.
  template <class Sink>
  void scan(std::string_view bytes, Sink&& sink) {
    while (!bytes.empty()) {
      const std::string_view taken = take(bytes);
      if (!taken.empty()) sink(taken);
    }
  }

 private:
  enum class part : std::uint8_t { head, body, chunk_size, chunk, chunk_end, trailers, rest };

  // Removes the next stretch of one kind from `bytes`; returns what of it isn't framing.
  std::string_view take(std::string_view& bytes);
  // Removes a line, or the beginning of one. True once line_ holds it whole.
  bool take_line(std::string_view& bytes);
  std::string_view take_counted(std::string_view& bytes, part next);
  void end_head_line();
  void end_head();

  std::deque<bool> to_head_;
  std::string line_;
  bool line_taken_ = false;
  part part_ = part::head;
  std::uint64_t left_ = 0;  // of a body with a length, or of a chunk
  unsigned status_ = 0;
  bool chunked_ = false;
  bool has_length_ = false;
};

}  // namespace drywire
