#include "reply_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace drywire::tools {

namespace {

constexpr unsigned request_timeout = 408;

// Cheap, as it is most of what is done; still no two words near each other are the same.
std::uint64_t identity_word(std::uint64_t identity, std::uint64_t index) noexcept {
  const std::uint64_t begin = (identity ^ (identity >> 29)) * 0xbf58476d1ce4e5b9U;
  return begin + index * 0x9e3779b97f4a7c15U;
}

bool number(std::string_view text, std::uint64_t& to, int base = 10) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), to, base);
  return failed == std::errc() && end == text.data() + text.size();
}

bool takes_field(std::string_view line, std::string_view name, std::string_view& value) {
  if (!line.starts_with(name) || !line.substr(name.size()).starts_with(": ")) return false;
  value = line.substr(name.size() + 2);
  return true;
}

}  // namespace

char identity_byte(std::uint64_t identity, std::uint64_t position) noexcept {
  return static_cast<char>(identity_word(identity, position / 8) >> (position % 8 * 8));
}

// Word by word, but for the ends: most of what clients and server do is this.
void write_identity(char* to, std::size_t size, std::uint64_t identity,
                    std::uint64_t position) noexcept {
  for (; size != 0 && position % 8 != 0; --size) *to++ = identity_byte(identity, position++);
  for (; size >= 8; size -= 8, position += 8, to += 8) {
    const std::uint64_t word = identity_word(identity, position / 8);
    std::memcpy(to, &word, 8);
  }
  for (; size != 0; --size) *to++ = identity_byte(identity, position++);
}

bool reply_reader::receive(std::string_view bytes) {
  while (!bytes.empty() && wrong_.empty() && !timed_out_) {
    if (expected_.empty()) {
      fail("bytes behind the last reply");
    } else if (at_ == part::body || at_ == part::chunk) {
      receive_body(bytes);
    } else {
      receive_line(bytes);
    }
  }
  return wrong_.empty();
}

void reply_reader::reset(bool excuses_timeout) {
  expected_.clear();
  line_.clear();
  at_ = part::head;
  status_seen_ = closing_ = timed_out_ = false;
  excuses_timeout_ = excuses_timeout;
}

void reply_reader::receive_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  line_ += bytes.substr(0, end);
  if (end == bytes.npos) {
    bytes = {};
    return;
  }
  bytes.remove_prefix(end + 1);
  if (line_.empty() || line_.back() != '\r') return fail("a line without CR");
  line_.pop_back();
  take_line();
  line_.clear();
}

void reply_reader::take_line() {
  switch (at_) {
    case part::head: return take_head_line(line_);
    case part::chunk_size:
      if (!number(line_, left_, 16)) return fail("not a chunk size");
      at_ = left_ != 0 ? part::chunk : part::trailers;
      return;
    case part::chunk_end:
      if (!line_.empty()) return fail("bytes behind a chunk");
      at_ = part::chunk_size;
      return;
    case part::trailers:
      if (line_.empty()) end_reply();
      return;
    case part::body:
    case part::chunk: return;
  }
}

void reply_reader::take_head_line(std::string_view line) {
  const expected_reply& now = expected_.front();
  std::uint64_t value = 0;
  std::string_view text;
  if (!status_seen_) {
    if (!line.starts_with("HTTP/1.1 ") || !number(line.substr(9, 3), value)) {
      return fail("not a status line");
    }
    status_seen_ = true;
    status_ = static_cast<unsigned>(value);
    chunked_ = closing_ = false;
    length_ = 0;
    timed_out_ = excuses_timeout_ && status_ == request_timeout;
    if (status_ != now.status && !timed_out_)
      fail("the status is " + std::string(line.substr(9, 3)));
  } else if (line.empty()) {
    end_head();
  } else if (takes_field(line, "X-Identity", text)) {
    if (!number(text, value) || value != now.identity) fail("a reply to another request");
  } else if (takes_field(line, "Content-Length", text)) {
    if (!number(text, length_)) fail("not a length");
  } else if (takes_field(line, "Transfer-Encoding", text)) {
    chunked_ = true;
  } else if (takes_field(line, "Connection", text)) {
    closing_ = text == "close";
  }
}

void reply_reader::end_head() {
  const expected_reply& now = expected_.front();
  position_ = 0;
  left_ = length_;
  if (chunked_) {
    at_ = part::chunk_size;
  } else if (now.checks_body && length_ != now.size) {
    fail("the length is " + std::to_string(length_));
  } else if (length_ == 0) {
    end_reply();
  } else {
    at_ = part::body;
  }
}

void reply_reader::receive_body(std::string_view& bytes) {
  const expected_reply& now = expected_.front();
  const std::string_view piece =
      bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  for (std::size_t i = 0; now.checks_body && i < piece.size();) {
    char same[512];
    const std::size_t n = std::min(sizeof same, piece.size() - i);
    write_identity(same, n, now.identity, position_ + i);
    if (std::memcmp(same, piece.data() + i, n) != 0) return fail("a wrong byte in the body");
    i += n;
  }
  bytes.remove_prefix(piece.size());
  position_ += piece.size();
  left_ -= piece.size();
  if (left_ != 0) return;
  if (at_ == part::body) return end_reply();
  at_ = part::chunk_end;
}

void reply_reader::end_reply() {
  const expected_reply& now = expected_.front();
  at_ = part::head;
  status_seen_ = false;
  if (now.checks_body && position_ != now.size) {
    return fail("the body has " + std::to_string(position_) + " bytes");
  }
  ++complete_;
  expected_.pop_front();
}

void reply_reader::fail(std::string_view what) {
  wrong_ = what;
  if (expected_.empty()) return;
  const expected_reply& now = expected_.front();
  wrong_ += ", where request " + std::to_string(now.identity) + " asks for " +
            std::to_string(now.status) + " and " + std::to_string(now.size) + " bytes";
}

}  // namespace drywire::tools
