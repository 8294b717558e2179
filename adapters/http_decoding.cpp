#include "http_decoding.hpp"

#include <algorithm>
#include <string_view>

namespace drywire {

namespace {

constexpr std::size_t between_bytes = std::size_t{16} * 1024;

std::string_view trim(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

// Calls `visit` with each element of all fields of that name, the last one first; false ends it.
template <class Visit>
bool visit_backwards(std::span<const http1::field> fields, std::string_view name, Visit visit) {
  for (auto f = fields.rbegin(); f != fields.rend(); ++f) {
    if (!http1::equal_ignoring_case(f->name, name)) continue;
    for (std::string_view left = f->value;;) {
      const std::size_t comma = left.rfind(',');
      const bool more = comma != std::string_view::npos;
      const std::string_view element = trim(more ? left.substr(comma + 1) : left);
      if (!element.empty() && !visit(element)) return false;
      if (!more) break;
      left = left.substr(0, comma);
    }
  }
  return true;
}

}  // namespace

// The coding that was applied last is undone first.
bool http_decoding::begin(const http1::response_head& head, storage& memory,
                          const deflate::limits& limits) {
  end();
  limits_ = limits;
  // A part of what is encoded can't be decoded, RFC 9110 14.2.
  if (head.body == http1::framing::none || head.status == 206) return true;
  const bool known = visit_backwards(head.fields, "Content-Encoding", [&](std::string_view name) {
    if (http1::equal_ignoring_case(name, "identity")) return true;
    const auto coding = deflate::coding_of(name);
    if (!coding || count_ == codings_max) return false;
    stages_[count_++].decoder.emplace(memory, *coding, limits);
    return true;
  });
  if (!known) end();
  return known;
}

void http_decoding::end() noexcept {
  for (stage& s : stages_) {
    s.decoder.reset();
    s.in = {};
  }
  count_ = 0;
  fed_ = given_ = 0;
  rest_ = false;
  failed_.reset();
}

std::size_t http_decoding::decode(mutable_bytes room) {
  const std::size_t n = failed_ ? 0 : decode(count_ - 1, room);
  rest_ = n != 0;
  given_ += n;
  if (!failed_ && multiplies()) failed_ = deflate::fault::ratio_exceeded;
  return n;
}

// Each of two stages may keep to the ratio, and both together be far beyond it.
bool http_decoding::multiplies() const noexcept {
  if (count_ < 2 || given_ <= limits_.ratio_free_bytes) return false;
  return given_ / std::max<std::uint64_t>(limits_.ratio_max, 1) > fed_;
}

std::size_t http_decoding::decode(std::size_t index, mutable_bytes room) {
  stage& s = stages_[index];
  while (true) {
    const auto step = s.decoder->decode(s.in, room);
    s.in = s.in.subspan(step.consumed);
    if (step.failed) failed_ = step.failed;
    if (step.produced != 0 || failed_ || index == 0) return step.produced;
    s.memory.resize(between_bytes);
    s.in = const_bytes(s.memory).first(decode(index - 1, s.memory));
    if (s.in.empty()) return 0;
  }
}

void http_decoding::keep_rest() {
  stage& s = stages_[0];
  // It may be a part of the same memory already.
  const std::vector<std::byte> copy(s.in.begin(), s.in.end());
  s.memory = copy;
  s.in = s.memory;
}

std::optional<deflate::fault> http_decoding::finish() noexcept {
  for (std::size_t i = 0; i < count_ && !failed_; ++i) failed_ = stages_[i].decoder->finish();
  return failed_;
}

}  // namespace drywire
