#include "site.hpp"

#include "file_source.hpp"
#include "mime_types.hpp"

#include <drywire/testkit/trace.hpp>

#include <ctime>
#include <limits>
#include <memory>
#include <string_view>

namespace drywire::tools {

namespace {

// A response that can't be given must not leave its client waiting.
void or_abort(exchange& x, errc answer) noexcept {
  if (answer != errc::ok) x.abort();
}

unsigned say(exchange& x, unsigned status, http1::field_list more = {}) {
  std::vector<http1::field> fields(more.begin(), more.end());
  fields.push_back({"Content-Type", "text/plain"});
  const std::string body = std::to_string(status) + " " + std::string(http1::reason_of(status));
  or_abort(x, x.respond(status, fields, body + "\n"));
  return status;
}

std::tm utc_of(std::int64_t unix_seconds) noexcept {
  const auto t = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  ::gmtime_r(&t, &utc);
  return utc;
}

// RFC 9110 5.6.7
std::string http_date(std::int64_t unix_seconds) {
  const std::tm utc = utc_of(unix_seconds);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

// RFC 3339
std::string log_time(std::int64_t unix_seconds) {
  const std::tm utc = utc_of(unix_seconds);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

// Begun with the first piece of the body: until then the client may wait for a 100 (Continue).
class echo_reply {
 public:
  explicit echo_reply(std::optional<std::uint64_t> length) noexcept : length_(length) {}

  void operator()(exchange& x, const_bytes piece, bool last) noexcept {
    if (!begun_) or_abort(x, x.start(200, {{"Content-Type", "application/octet-stream"}}, length_));
    begun_ = true;
    or_abort(x, last ? x.finish() : x.send_back(piece));
  }

 private:
  std::optional<std::uint64_t> length_;
  bool begun_ = false;
};

std::optional<std::uint64_t> body_length(const http1::request_head& head) noexcept {
  if (head.body == http1::framing::chunked) return {};
  return head.body == http1::framing::length ? head.content_length : 0;
}

unsigned redirect_to_folder(exchange& x, const target_path& path) {
  const std::string_view target = x.request().target;
  const std::size_t query = target.find('?');
  std::string location = folder_location(path);
  if (query != target.npos) location += target.substr(query);
  return say(x, 308, {{"Location", location}});
}

unsigned send_file(exchange& x, found_file file) {
  const std::string modified = http_date(file.modified_unix_seconds);
  const http1::field fields[] = {{"Content-Type", media_type_of(file.name)},
                                 {"Last-Modified", modified}};
  or_abort(x,
           x.respond_from(200, fields, std::make_unique<file_source>(std::move(file.fd), file.size),
                          file.size));
  return 200;
}

bool is_echo(std::string_view target) noexcept {
  return target == "/echo" || target.starts_with("/echo?");
}

}  // namespace

void site::answer(exchange& x) const {
  std::string request;
  if (log_ != nullptr) {
    const http1::request_head& head = x.request();
    request = std::string(head.method) + " " + std::string(head.target) +
              (head.minor_version == 0 ? " HTTP/1.0" : " HTTP/1.1");
    request = x.peer().to_string() + " " + testkit::quoted(request);
  }
  const unsigned status = is_echo(x.request().target) ? echo(x) : give_file(x);
  if (log_ != nullptr) log_at_end(x, std::move(request), status);
}

unsigned site::echo(exchange& x) const {
  const std::optional<std::uint64_t> length = body_length(x.request());
  // What passes through isn't kept, so it may be of any length. Without a body there is no limit.
  if (length != 0) or_abort(x, x.raise_body_limit(std::numeric_limits<std::uint64_t>::max()));
  x.read_body(echo_reply(length));
  return 200;
}

unsigned site::give_file(exchange& x) const {
  const http1::request_head& head = x.request();
  if (head.method != "GET" && head.method != "HEAD") return say(x, 405, {{"Allow", "GET, HEAD"}});
  const auto path = parse_target(head.target);
  if (!path || !files_) return say(x, 404);
  found_file file = files_->find(*path);
  switch (file.what) {
    case found_file::state::file: return send_file(x, std::move(file));
    case found_file::state::folder: return redirect_to_folder(x, *path);
    case found_file::state::absent: return say(x, 404);
    case found_file::state::forbidden: return say(x, 403);
    case found_file::state::exhausted: return say(x, 503);
    case found_file::state::failed: break;
  }
  return say(x, 500);
}

// The exchange outlives this call, but may not be answered any more: then its end comes anyway.
void site::log_at_end(exchange& x, std::string request, unsigned status) const {
  auto line = std::make_unique<std::string>(std::move(request) + " " + std::to_string(status));
  x.on_end([this, line = std::move(line)](bool complete) { write_log(*line, complete); });
}

void site::write_log(const std::string& request, bool complete) const {
  std::fprintf(log_, "%s %s %s\n", log_time(loop_.time().unix_seconds).c_str(), request.c_str(),
               complete ? "complete" : "cut off");
  std::fflush(log_);
}

}  // namespace drywire::tools
