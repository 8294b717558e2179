#include "http_collector.hpp"

#include <utility>

namespace drywire {

void http_collector::begin(std::size_t body_bytes_max,
                           http_client::answer_callback on_answer) noexcept {
  body_bytes_max_ = body_bytes_max;
  on_answer_ = std::move(on_answer);
  too_large_ = false;
  status_ = 0;
  reason_size_ = head_lines_ = 0;
  text_.clear();
  lines_.clear();
  fields_.clear();
  body_.clear();
}

void http_collector::on_head(http_call&, const http1::response_head& head) noexcept {
  status_ = head.status;
  text_ = head.reason;
  reason_size_ = text_.size();
  for (const http1::field& f : head.fields) add(f);
  head_lines_ = lines_.size();
}

void http_collector::add(const http1::field& f) {
  text_.append(f.name).append(f.value);
  lines_.push_back({f.name.size(), f.value.size()});
}

void http_collector::on_body(http_call& call, const_bytes piece) noexcept {
  if (piece.size() > body_bytes_max_ - body_.size()) {
    too_large_ = true;
    static_cast<void>(call.cancel());
  } else {
    body_ += as_text(piece);
  }
}

void http_collector::on_trailers(http_call&, std::span<const http1::field> trailers) noexcept {
  for (const http1::field& f : trailers) add(f);
}

void http_collector::on_end(http_call&, const http_outcome& how) noexcept {
  std::string_view text = text_;
  const auto take = [&text](std::size_t n) {
    const std::string_view taken = text.substr(0, n);
    text.remove_prefix(n);
    return taken;
  };
  const std::string_view reason = take(reason_size_);
  for (const line& l : lines_) {
    const std::string_view name = take(l.name_size);
    fields_.push_back({name, take(l.value_size)});
  }
  const std::span<const http1::field> all = fields_;
  const bool cut = too_large_ && how.end == http_end::cancelled;
  const http_answer answer{.outcome = cut ? http_outcome{http_end::body_too_large} : how,
                           .status = status_,
                           .reason = reason,
                           .fields = all.first(head_lines_),
                           .trailers = all.subspan(head_lines_),
                           .body = body_};
  // Out of its place while it runs.
  http_client::answer_callback running = std::move(on_answer_);
  running(answer);
}

const http1::field* http_answer::find(std::string_view name) const noexcept {
  for (const http1::field& f : fields) {
    if (http1::equal_ignoring_case(f.name, name)) return &f;
  }
  return nullptr;
}

}  // namespace drywire
