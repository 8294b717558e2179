#include "http_redirect.hpp"

#include "http_url.hpp"

#include <drywire/adapters/http_call.hpp>

#include <algorithm>
#include <string>

namespace drywire {

namespace {

bool is_any(std::string_view name, std::initializer_list<std::string_view> of) noexcept {
  return std::ranges::any_of(
      of, [name](std::string_view one) { return http1::equal_ignoring_case(name, one); });
}

// What describes a body, RFC 9110 8; and what is about sending it.
bool is_about_body(std::string_view name) noexcept {
  return http1::equal_ignoring_case(name.substr(0, 8), "Content-") ||
         is_any(name, {"Last-Modified", "Digest"});
}

// What only the origin that it was meant for may see, RFC 9110 15.4.
bool is_credential(std::string_view name) noexcept {
  return is_any(name, {"Authorization", "Proxy-Authorization", "Cookie", "Cookie2"});
}

}  // namespace

bool is_redirect(const http1::response_head& head) noexcept {
  switch (head.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: return head.find("Location") != nullptr;
    default: return false;
  }
}

bool is_idempotent(std::string_view method) noexcept {
  for (const std::string_view one : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
    if (method == one) return true;
  }
  return false;
}

// Makes the call one for where the response points.
http_outcome http_call::redirect(const http1::response_head& head, std::size_t url_bytes_max) {
  if (redirects_left_ == 0) return {http_end::too_many_redirects};
  --redirects_left_;
  const std::string to = resolve_reference(url_, head.find("Location")->value);
  const bool to_get =
      head.status == 303 ? method_ != "HEAD" : head.status <= 302 && method_ == "POST";
  if (to_get) ask_by_get();
  if (!rewind()) return {http_end::body_not_repeatable};
  const std::string from = authority_;
  switch (set_url(to, url_bytes_max).end) {
    case http_end::complete: break;
    case http_end::https_unsupported: return {http_end::https_redirect};
    default: return {http_end::invalid_redirect};
  }
  if (authority_ != from) {
    std::erase_if(fields_, [](const http1::field& f) { return is_credential(f.name); });
    own_host_ = false;
  }
  if (!own_host_) fields_[0].value = authority_;
  return {};
}

// RFC 9110 15.4.2 to 15.4.4.
void http_call::ask_by_get() {
  method_ = "GET";
  body_.clear();
  source_.reset();
  std::erase_if(fields_, [](const http1::field& f) {
    return is_about_body(f.name) || http1::equal_ignoring_case(f.name, "Expect");
  });
}

}  // namespace drywire
