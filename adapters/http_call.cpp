#include "http_client_connection.hpp"
#include "http_collector.hpp"
#include "http_decoding.hpp"
#include "http_origin.hpp"
#include "http_url.hpp"
#include "object_pool.hpp"

#include <drywire/adapters/http_call.hpp>

#include <utility>

namespace drywire {

http_call::http_call(object_pool<http_call>& pool) noexcept : pool_(&pool) {}
http_call::~http_call() = default;

http_call_handle http_call::handle() noexcept { return http_call_handle(*this); }

errc http_call::hold() noexcept {
  if (!open()) return errc::connection_gone;
  held_ = true;
  if (connection_ != nullptr) static_cast<void>(connection_->call().hold_body());
  return errc::ok;
}

errc http_call::resume() noexcept {
  if (!open()) return errc::connection_gone;
  held_ = false;
  if (decodes_ && decoding_->has_rest()) {
    if (later_ == later::nothing) client_->push_put_off(*this, later::deliver);
  } else if (connection_ != nullptr) {
    static_cast<void>(connection_->call().resume_body());
  }
  return errc::ok;
}

errc http_call::cancel() noexcept {
  if (!open()) return errc::connection_gone;
  client_->put_off(*this, {http_end::cancelled});
  return errc::ok;
}

errc http_call::abandon() noexcept {
  handler_ = nullptr;
  return cancel();
}

errc http_call::pull_again() noexcept {
  if (!open()) return errc::connection_gone;
  if (connection_ != nullptr) static_cast<void>(connection_->call());
  return errc::ok;
}

// From the client.

http_outcome http_call::keep(http_request& request, std::size_t url_bytes_max) {
  method_ = request.method;
  body_ = request.body;
  source_ = std::move(request.source);
  source_length_ = request.source_length;
  body_bytes_max_ = request.body_bytes_max;
  redirects_left_ = request.redirects_max;
  follows_ = redirects_left_ != 0;
  held_ = pulled_ = source_failed_ = resent_ = false;
  authority_.clear();
  if (const http_outcome how = set_url(request.url, url_bytes_max); !how.complete()) return how;
  decodes_ = false;
  keep_fields(request.fields, request.decode);
  for (const http1::field& f : request.fields) {
    if (!http1::equal_ignoring_case(f.name, "Upgrade")) continue;
    return {.end = http_end::invalid_request, .refused = errc::operation_not_supported};
  }
  if (method_ != "CONNECT") return {};
  return {.end = http_end::invalid_request, .refused = errc::operation_not_supported};
}

// Kept in one form, so that what is sent is a part of it: http://host[:port]/path[?query].
http_outcome http_call::set_url(std::string_view text, std::size_t url_bytes_max) {
  if (text.size() > url_bytes_max) return {http_end::invalid_url};
  const auto url = http::parse_uri(text);
  if (url && url->scheme == http::uri_scheme::https) return {http_end::https_unsupported};
  if (!url || url->scheme != http::uri_scheme::http) return {http_end::invalid_url};
  authority_.clear();
  append_authority(*url, authority_);
  url_.assign("http://").append(authority_);
  const std::size_t behind_host = url_.size();
  url_.append(url->path.empty() ? "/" : url->path).append(url->query);
  target_ = std::string_view(url_).substr(behind_host);
  // RFC 9112 3.2.4.
  if (method_ == "OPTIONS" && url->path.empty() && url->query.empty()) target_ = "*";
  return {};
}

void http_call::keep_fields(http1::field_list fields, bool decode) {
  std::size_t size = 0;
  for (const http1::field& f : fields) size += f.name.size() + f.value.size();
  text_.clear();
  text_.reserve(size);  // so that what fields_ looks at stays where it is
  const auto keep = [this](std::string_view part) {
    const std::size_t at = text_.size();
    text_ += part;
    return std::string_view(text_).substr(at);
  };
  own_host_ = false;
  bool own_codings = false;
  fields_.assign(1, {"Host", {}});
  for (const http1::field& f : fields) {
    if (!own_host_ && http1::equal_ignoring_case(f.name, "Host")) {
      own_host_ = true;
      fields_[0].value = keep(f.value);
    } else {
      const std::string_view name = keep(f.name);
      own_codings = own_codings || http1::equal_ignoring_case(name, "Accept-Encoding");
      fields_.push_back({name, keep(f.value)});
    }
  }
  if (!own_host_) fields_[0].value = authority_;
  wants_decoded_ = decode;
  if (decode && !own_codings) fields_.push_back({"Accept-Encoding", "gzip, deflate"});
}

// True if the body can be sent from its first byte on.
bool http_call::rewind() noexcept {
  if (source_ == nullptr || !pulled_) return true;
  pulled_ = false;
  return source_->rewind();
}

// Is nowhere, neither in a queue nor on a connection.
void http_call::leave() noexcept {
  if (origin_ != nullptr) origin_->remove(*this);
  if (connection_ != nullptr) connection_->drop_call();
  if (floats_) client_->sink_call(*this);
}

void http_call::end(const http_outcome& how) noexcept {
  if (later_ != later::nothing) {
    client_->put_off(*this, how);
    return;
  }
  timer::cancel();
  if (floats_) client_->sink_call(*this);
  client_ = nullptr;
  if (decoding_ != nullptr) decoding_->end();
  source_.reset();
  if (http_call_handler* told = std::exchange(handler_, nullptr)) {
    told->on_end(*this, how);
  } else if (collector_ != nullptr) {
    collector_->forget();
  }
  release();
}

void http_call::release() noexcept {
  if (--references_ == 0) pool_->give_back(*this);
}

bool http_call::is_small() const noexcept {
  const std::size_t collected = collector_ == nullptr ? 0 : collector_->kept_bytes();
  return url_.capacity() + text_.capacity() + body_.capacity() + collected <= spare_bytes_max;
}

http1::body_source::result http_call::pull(mutable_bytes to) noexcept {
  pulled_ = true;
  const result got = source_->pull(to);
  source_failed_ = got.then == state::failed;
  return got;
}

void http_call::on_timer() noexcept { client_->put_off(*this, {http_end::call_timeout}); }

}  // namespace drywire
