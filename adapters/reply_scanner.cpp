#include "reply_scanner.hpp"

#include <drywire/protocol/http1.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace drywire {

namespace {

template <class Number>
Number number(std::string_view text, int base = 10) {
  Number n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n, base);
  return n;
}

// The value of the field line `line` if its name is `name`, else empty.
std::string_view value_of(std::string_view line, std::string_view name) {
  const std::size_t colon = line.find(": ");
  const bool found =
      colon != std::string_view::npos && http1::equal_ignoring_case(line.substr(0, colon), name);
  return found ? line.substr(colon + 2) : std::string_view{};
}

}  // namespace

std::string_view reply_scanner::take(std::string_view& bytes) {
  const std::string_view before = bytes;
  switch (part_) {
    case part::head:
      if (take_line(bytes)) end_head_line();
      return before.substr(0, before.size() - bytes.size());
    case part::body: return take_counted(bytes, part::head);
    case part::chunk: return take_counted(bytes, part::chunk_end);
    case part::chunk_size:
      if (take_line(bytes)) {
        left_ = number<std::uint64_t>(line_, 16);
        part_ = left_ == 0 ? part::trailers : part::chunk;
      }
      return {};
    case part::chunk_end:
      if (take_line(bytes)) part_ = part::chunk_size;
      return {};
    case part::trailers:
      if (take_line(bytes) && line_.empty()) part_ = part::head;
      return before.substr(0, before.size() - bytes.size());
    case part::rest: bytes = {}; return before;
  }
  return {};
}

bool reply_scanner::take_line(std::string_view& bytes) {
  if (std::exchange(line_taken_, false)) line_.clear();
  const std::size_t end = bytes.find('\n');
  line_ += bytes.substr(0, end);
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  line_taken_ = end != std::string_view::npos;
  if (line_taken_ && line_.ends_with('\r')) line_.pop_back();
  return line_taken_;
}

std::string_view reply_scanner::take_counted(std::string_view& bytes, part next) {
  const std::string_view taken = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
  bytes.remove_prefix(taken.size());
  left_ -= taken.size();
  if (left_ == 0) part_ = next;
  return taken;
}

void reply_scanner::end_head_line() {
  if (line_.starts_with("HTTP/1.1 ") && status_ == 0) {
    status_ = number<unsigned>(std::string_view(line_).substr(9, 3));
  } else if (line_.empty()) {
    end_head();
  } else if (const auto length = value_of(line_, "Content-Length"); !length.empty()) {
    has_length_ = true;
    left_ = number<std::uint64_t>(length);
  } else if (value_of(line_, "Transfer-Encoding") == "chunked") {
    chunked_ = true;
  }
}

// RFC 9112 6.3.
void reply_scanner::end_head() {
  const bool final = status_ >= 200;
  const bool to_head = final && !to_head_.empty() && to_head_.front();
  if (final && !to_head_.empty()) to_head_.pop_front();
  if (status_ == 101) {
    part_ = part::rest;
  } else if (!final || to_head || status_ == 204 || status_ == 304 || (has_length_ && left_ == 0)) {
    part_ = part::head;
  } else if (chunked_) {
    part_ = part::chunk_size;
  } else {
    part_ = has_length_ ? part::body : part::rest;
  }
  status_ = 0;
  chunked_ = has_length_ = false;
}

}  // namespace drywire
