// What a machine told, in a form that can be compared and read.
//
// A protocol brings `template <class Trace> void normalise(const event&, Trace&)`, found beside its
// event type, which says each event in these three words. So one description serves split tests,
// recordings and decoders.
#pragma once

#include <drywire/base/bytes.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire::testkit {

/// Bytes in quotes; what isn't printable ASCII is escaped.
[[nodiscard]] inline std::string in_quotes(std::string_view bytes) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : bytes) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (u < 0x20 || u > 0x7e) {
      out += {'\\', 'x', hex[u >> 4], hex[u & 15]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

struct trace_entry {
  std::string name;
  std::vector<std::pair<std::string, std::string>> details;
  std::string bytes;
  bool is_piece = false;

  friend bool operator==(const trace_entry&, const trace_entry&) = default;
};

/// As `name key="value" ... "bytes"`.
[[nodiscard]] inline std::string to_string(const trace_entry& e) {
  std::string out = e.name;
  for (const auto& [key, value] : e.details) out += ' ' + key + '=' + in_quotes(value);
  if (e.is_piece) out += ' ' + in_quotes(e.bytes);
  return out;
}

class trace {
 public:
  /// Begins an event.
  void event(std::string_view name) { entries_.push_back({std::string(name), {}, {}, false}); }

  /// Adds to the event that was begun last.
  void detail(std::string_view key, std::string_view value) {
    entries_.back().details.emplace_back(key, value);
  }

  /// An event that is a piece of something longer: joins the piece directly before it, if that has
  /// the same name, because where one ends and the next begins means nothing.
  void piece(std::string_view name, const_bytes bytes) {
    if (entries_.empty() || !entries_.back().is_piece || entries_.back().name != name) {
      entries_.push_back({std::string(name), {}, {}, true});
    }
    entries_.back().bytes += as_text(bytes);
  }

  [[nodiscard]] const std::vector<trace_entry>& entries() const noexcept { return entries_; }

  /// Each entry by to_string().
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    all.reserve(entries_.size());
    for (const trace_entry& e : entries_) all.emplace_back(to_string(e));
    return all;
  }

  friend bool operator==(const trace&, const trace&) = default;
  friend std::ostream& operator<<(std::ostream& out, const trace& t) {
    for (const trace_entry& e : t.entries_) out << to_string(e) << '\n';
    return out;
  }

 private:
  std::vector<trace_entry> entries_;
};

}  // namespace drywire::testkit
