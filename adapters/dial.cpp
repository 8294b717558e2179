#include "dial.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace drywire {

namespace {

// The address that `host` is already. No name is one, whatever endpoint::parse() takes it for.
std::optional<endpoint> numeric(std::string_view host, std::uint16_t port) {
  const auto parsed = endpoint::parse(std::string(host) + ':' + std::to_string(port));
  return parsed && !parsed->is_unix() ? parsed : std::nullopt;
}

}  // namespace

dial::~dial() {
  if (asked_) options_.names->cancel(*this);
  drop_stream();
}

void dial::drop_stream() noexcept {
  if (stream_ == nullptr) return;
  stream_->set_handler(stream::ignoring_handler());
  std::exchange(stream_, nullptr)->abort();
}

void dial::start(std::string_view host, std::uint16_t port) {
  end_ = loop_.time().steady + options_.timeout;
  loop_.core().arm(*this, end_);
  if (const auto address = options_.connect_to ? options_.connect_to : numeric(host, port)) {
    addresses_.push_back(*address);
    try_next({});
  } else if (options_.names != nullptr && !host.starts_with('[')) {
    asked_ = true;
    options_.names->resolve(host, port, *this);
  } else {
    loop_.core().arm(*this, loop_.time().steady);  // to fail, later
  }
}

void dial::on_resolved(std::span<const endpoint> addresses) noexcept {
  asked_ = false;
  const std::size_t n = std::min(addresses.size(), addresses_max);
  try {
    addresses_.assign(addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(n));
  } catch (const std::bad_alloc&) {
    return try_next({.end = http_end::connect_failed, .system = error(ENOMEM)});
  }
  try_next({.end = http_end::unresolved});
}

void dial::on_unresolved(std::string_view why) noexcept {
  asked_ = false;
  timer::cancel();
  handler_.on_dial_failed({.end = http_end::unresolved, .detail = why});
}

// `last` is how the address before came out. May destroy this.
void dial::try_next(const http_outcome& last) noexcept {
  const std::size_t left = addresses_.size() - tried_;
  const instant now = loop_.time().steady;
  if (left == 0 || now >= end_) {
    timer::cancel();
    handler_.on_dial_failed(last);
    return;
  }
  const duration part((end_ - now).nanoseconds / static_cast<std::int64_t>(left));
  loop_.core().arm(*this, now + part);
  stream_ = &loop_.connect(addresses_[tried_++], *this);
}

void dial::on_open(stream& transport) noexcept {
  stream_ = nullptr;
  timer::cancel();
  handler_.on_connected(transport);
}

void dial::on_closed(stream&, error why) noexcept {
  stream_ = nullptr;
  try_next({.end = http_end::connect_failed, .system = why});
}

void dial::on_timer() noexcept {
  if (asked_) {
    options_.names->cancel(*this);
    asked_ = false;
  } else if (stream_ == nullptr) {
    handler_.on_dial_failed({.end = http_end::unresolved, .detail = "no resolver"});
    return;
  }
  drop_stream();
  try_next({.end = http_end::connect_timeout});
}

}  // namespace drywire
