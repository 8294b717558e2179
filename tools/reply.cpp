#include "reply.hpp"

#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace drywire::tools {

namespace {

void or_abort(exchange& x, errc answer) noexcept {
  if (answer != errc::ok) x.abort();
}

// Counts what the response takes of a source, for the log.
class counted_source final : public owned_body_source {
 public:
  counted_source(std::unique_ptr<owned_body_source> of, log_entry& entry) noexcept
      : of_(std::move(of)), entry_(entry) {}

  result pull(mutable_bytes to) noexcept override {
    const result got = of_->pull(to);
    entry_.body_bytes += got.size;
    return got;
  }

 private:
  std::unique_ptr<owned_body_source> of_;
  log_entry& entry_;
};

// Begun with the first piece of the body: until then the client may wait for a 100 (Continue).
class echo_reply {
 public:
  echo_reply(std::optional<std::uint64_t> length, log_entry* entry) noexcept
      : length_(length.value_or(chunked)), entry_(entry) {}

  void operator()(exchange& x, const_bytes piece, bool last) noexcept {
    if (!begun_) {
      or_abort(x, x.start(200, {{"Content-Type", "application/octet-stream"}},
                          length_ == chunked ? std::nullopt : std::optional(length_)));
    }
    begun_ = true;
    if (entry_ != nullptr) entry_->body_bytes += piece.size();
    or_abort(x, last ? x.finish() : x.send_back(piece));
  }

 private:
  // No body is as long.
  static constexpr std::uint64_t chunked = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t length_;
  log_entry* entry_;
  bool begun_ = false;
};

std::optional<std::uint64_t> body_length(const http1::request_head& head) noexcept {
  if (head.body == http1::framing::chunked) return {};
  return head.body == http1::framing::length ? head.content_length : 0;
}

}  // namespace

void reply::say(unsigned status, reply_fields fields) {
  fields.add("Content-Type", "text/plain");
  text(status, fields, std::to_string(status) + " " + std::string(http1::reason_of(status)) + "\n");
}

void reply::head(unsigned status, const reply_fields& fields) { text(status, fields, {}); }

void reply::text(unsigned status, const reply_fields& fields, std::string_view body) {
  if (entry_ != nullptr) {
    entry_->status = status;
    if (request().method != "HEAD") entry_->body_bytes = body.size();
  }
  or_abort(exchange_, exchange_.respond(status, fields.list(), body));
}

void reply::give(unsigned status, const reply_fields& fields,
                 std::unique_ptr<owned_body_source> source, std::uint64_t length) {
  if (entry_ != nullptr) {
    entry_->status = status;
    source = std::make_unique<counted_source>(std::move(source), *entry_);
  }
  or_abort(exchange_, exchange_.respond_from(status, fields.list(), std::move(source), length));
}

void reply::echo() {
  if (entry_ != nullptr) entry_->status = 200;
  const std::optional<std::uint64_t> length = body_length(request());
  // What passes through isn't kept, so it may be of any length. Without a body there is no limit.
  if (length != 0) {
    or_abort(exchange_, exchange_.raise_body_limit(std::numeric_limits<std::uint64_t>::max()));
  }
  exchange_.read_body(echo_reply(length, entry_));
}

}  // namespace drywire::tools
