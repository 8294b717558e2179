#include "get_request.hpp"

#include "failure.hpp"

#include <drywire/protocol/http1.hpp>

#include <algorithm>

namespace drywire::tools {

namespace {

// RFC 9110 4.2.4: it would be sent in the clear, and kept in logs.
void refuse_user(std::string_view url) {
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) return;
  const std::string_view authority =
      url.substr(host + 3, url.find_first_of("/?#", host + 3) - (host + 3));
  if (authority.find('@') == std::string_view::npos) return;
  throw failure("a user name or password in a URL is not sent: use -H 'Authorization: ...'");
}

std::string method_of(const get_flags& wanted) {
  if (!wanted.method.empty()) return wanted.method;
  if (wanted.head_only) return "HEAD";
  if (!wanted.upload_file.empty()) return "PUT";
  return wanted.data || !wanted.data_file.empty() ? "POST" : "GET";
}

}  // namespace

get_request::get_request(const get_flags& wanted, std::uint64_t present, const loop_remote& loop)
    : wanted_(wanted), method_(method_of(wanted)), fields_(wanted.fields) {
  refuse_user(wanted.url);
  add("User-Agent", "drywire/" DRYWIRE_VERSION);
  add("Accept", "*/*");
  if (!wanted.range.empty()) add("Range", "bytes=" + wanted.range);
  if (present != 0) add("Range", "bytes=" + std::to_string(present) + "-");
  if (wanted.data) add("Content-Type", "application/x-www-form-urlencoded");
  const std::string& file = wanted.upload_file.empty() ? wanted.data_file : wanted.upload_file;
  if (!file.empty()) body_ = open_upload(file, loop);
}

http_request get_request::take() {
  for (const auto& [name, value] : fields_) views_.push_back({name, value});
  return {.method = method_,
          .url = wanted_.url,
          .fields = views_,
          .body = wanted_.data ? std::string_view(*wanted_.data) : std::string_view(),
          .source = std::move(body_.source),
          .source_length = body_.length,
          .redirects_max = wanted_.follow ? wanted_.redirects_max : 0,
          .decode = wanted_.compressed,
          .timeout = wanted_.time_max.value_or(duration::max())};
}

// Unless the flags have one of that name.
void get_request::add(std::string_view name, std::string value) {
  const bool there = std::ranges::any_of(
      wanted_.fields, [&](const auto& f) { return http1::equal_ignoring_case(f.first, name); });
  if (!there) fields_.emplace_back(name, std::move(value));
}

}  // namespace drywire::tools
