#include <drywire/adapters/http_outcome.hpp>

namespace drywire {

std::string_view to_string(http_end end) noexcept {
  switch (end) {
    case http_end::complete: return "complete";
    case http_end::cancelled: return "cancelled";
    case http_end::closed: return "the client was closed";
    case http_end::invalid_url: return "not a URL of the form http://host[:port][/path][?query]";
    case http_end::https_unsupported: return "https:// is not supported yet";
    case http_end::invalid_request: return "the request can't be sent";
    case http_end::too_many_waiting: return "too many calls wait for a connection";
    case http_end::unresolved: return "the host has no address";
    case http_end::connect_failed: return "can't connect";
    case http_end::connect_timeout: return "connecting takes too long";
    case http_end::peer_error: return "the server broke off or broke HTTP's rules";
    case http_end::transport_failed: return "the connection broke";
    case http_end::call_timeout: return "the call takes too long";
    case http_end::source_failed: return "the request's body can't be read";
    case http_end::body_too_large: return "the response's body is too large";
    case http_end::coding_unsupported: return "the body is in a coding that isn't known";
    case http_end::coding_broken: return "the body can't be decoded";
    case http_end::coding_truncated: return "the body's coding ends too early";
    case http_end::coding_too_large: return "the body becomes too large";
    case http_end::too_many_redirects: return "too many redirects";
    case http_end::invalid_redirect: return "redirected to what is no http:// URL";
    case http_end::https_redirect: return "redirected to https://, which is not supported yet";
    case http_end::body_not_repeatable: return "redirected, but the body can't be sent again";
  }
  return "unknown";
}

std::string http_outcome::message() const {
  std::string text(to_string(end));
  const auto add = [&text](std::string_view what) { text.append(": ").append(what); };
  if (end == http_end::peer_error) return std::string(http1::to_string(fault));
  if (refused != errc::ok) add(to_string(refused));
  if (system) add(system.message());
  if (!detail.empty()) add(detail);
  return text;
}

}  // namespace drywire
