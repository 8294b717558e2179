#include "access_log.hpp"

#include <drywire/testkit/trace.hpp>

#include <ctime>

namespace drywire::tools {

namespace {

std::tm utc_of(std::int64_t unix_seconds) noexcept {
  const auto t = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  ::gmtime_r(&t, &utc);
  return utc;
}

// RFC 3339
std::string plain_time(std::int64_t unix_seconds) {
  const std::tm utc = utc_of(unix_seconds);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

std::string common_time(std::int64_t unix_seconds) {
  const std::tm utc = utc_of(unix_seconds);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "[%d/%b/%Y:%H:%M:%S +0000]", &utc)};
}

std::string quoted_field(const http1::request_head& head, std::string_view name) {
  const http1::field* found = head.find(name);
  return testkit::in_quotes(found == nullptr ? "-" : found->value);
}

// "0.012s"
std::string seconds_text(duration d) {
  char text[32];
  const int size =
      std::snprintf(text, sizeof(text), "%.3fs", static_cast<double>(d.nanoseconds) / 1e9);
  return {text, static_cast<std::size_t>(size)};
}

std::string end_of(const log_entry& e, bool complete) {
  return !e.end.empty() ? e.end : complete ? "complete" : "cut off";
}

// TIME PEER "REQUEST" STATUS BYTES DURATION END
std::string plain_line(const log_entry& e, bool complete, now at) {
  return plain_time(at.unix_seconds) + " " + e.peer.to_string() + " " + e.request + " " +
         std::to_string(e.status) + " " + std::to_string(e.body_bytes) + " " +
         seconds_text(at.steady - e.begin) + " " + end_of(e, complete) + "\n";
}

// Without the port, as other servers have it.
std::string host_of(const endpoint& peer) {
  std::string text = peer.to_string();
  if (peer.is_unix()) return text;
  text.erase(text.rfind(':'));
  if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
  return text;
}

// What Apache calls the common log format.
std::string common_line(const log_entry& e, now at) {
  return host_of(e.peer) + " - - " + common_time(at.unix_seconds) + " " + e.request + " " +
         std::to_string(e.status) + " " +
         (e.body_bytes == 0 ? std::string("-") : std::to_string(e.body_bytes));
}

}  // namespace

std::unique_ptr<log_entry> access_log::begin(const exchange& x, instant at) {
  const http1::request_head& head = x.request();
  auto entry = std::make_unique<log_entry>();
  entry->begin = at;
  entry->peer = x.peer();
  entry->request = testkit::in_quotes(std::string(head.method) + " " + std::string(head.target) +
                                      (head.minor_version == 0 ? " HTTP/1.0" : " HTTP/1.1"));
  entry->referer = quoted_field(head, "Referer");
  entry->agent = quoted_field(head, "User-Agent");
  return entry;
}

std::string log_line(const log_entry& entry, log_format format, bool complete, now at) {
  switch (format) {
    case log_format::plain: return plain_line(entry, complete, at);
    case log_format::common: return common_line(entry, at) + "\n";
    case log_format::combined: break;
  }
  return common_line(entry, at) + " " + entry.referer + " " + entry.agent + "\n";
}

void access_log::write(const log_entry& entry, bool complete, now at) {
  const std::string line = log_line(entry, format_, complete, at);
  const std::lock_guard lock(mutex_);
  std::fwrite(line.data(), 1, line.size(), out_);
  std::fflush(out_);
}

}  // namespace drywire::tools
