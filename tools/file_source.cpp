#include "file_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace drywire::tools {

namespace {

using result = http1::body_source::result;
using state = http1::body_source::state;

// Up to `left` bytes of the file, `more` as long as there are any; or nothing, and failed.
result read_file(const descriptor& file, mutable_bytes to, std::uint64_t at, std::uint64_t left) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), left));
  if (wanted == 0) return {0, left == 0 ? state::end : state::more};
  ssize_t n = 0;
  do {
    n = ::pread(file.get(), to.data(), wanted, static_cast<off_t>(at));
  } while (n < 0 && errno == EINTR);
  if (n <= 0) return {0, state::failed};
  const auto size = static_cast<std::size_t>(n);
  return {size, size == left ? state::end : state::more};
}

std::size_t copy_text(std::string_view text, mutable_bytes to) noexcept {
  const std::size_t n = std::min(text.size(), to.size());
  if (n != 0) std::memcpy(to.data(), text.data(), n);
  return n;
}

}  // namespace

result file_source::pull(mutable_bytes to) noexcept {
  const result got = read_file(file_, to, at_, left_);
  at_ += got.size;
  left_ -= got.size;
  return got;
}

std::uint64_t parts_source::size() const noexcept {
  std::uint64_t sum = end_.size();
  for (const part& p : parts_) sum += p.before.size() + p.bytes.size();
  return sum;
}

// One text, or one read, at a time.
result parts_source::pull(mutable_bytes to) noexcept {
  if (part_ == parts_.size()) {
    const std::string_view rest = std::string_view(end_).substr(static_cast<std::size_t>(at_));
    const std::size_t n = copy_text(rest, to);
    at_ += n;
    return {n, n == rest.size() ? state::end : state::more};
  }
  const part& p = parts_[part_];
  if (at_ < p.before.size()) {
    const std::size_t n =
        copy_text(std::string_view(p.before).substr(static_cast<std::size_t>(at_)), to);
    at_ += n;
    return {n, state::more};
  }
  const std::uint64_t read = at_ - p.before.size();
  const result got = read_file(file_, to, p.bytes.first + read, p.bytes.size() - read);
  if (got.then == state::failed) return got;
  at_ += got.size;
  if (got.then == state::end) {
    ++part_;
    at_ = 0;
  }
  return {got.size, state::more};
}

result text_source::pull(mutable_bytes to) noexcept {
  const std::size_t n = copy_text(std::string_view(text_).substr(at_), to);
  at_ += n;
  return {n, at_ == text_.size() ? state::end : state::more};
}

}  // namespace drywire::tools
