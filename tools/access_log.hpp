// The access log of `drywire serve`: a line for each exchange, when it is over. docs/serve.md shows
// the formats.
#pragma once

#include <drywire/adapters/exchange.hpp>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace drywire::tools {

enum class log_format : std::uint8_t { plain, common, combined };

/// What one line will say.
struct log_entry {
  instant begin = {};
  endpoint peer;
  std::string request = {};  ///< "GET / HTTP/1.1", escaped and within quotes, as the next two
  std::string referer = {};
  std::string agent = {};
  unsigned status = 0;
  std::uint64_t body_bytes = 0;  ///< of the response, as far as they were asked for
  std::string end = {};          ///< in place of "complete" and "cut off", for a WebSocket
};

/// Several threads may write to it. Each line is written by itself and at once, so none is torn and
/// none is late; who reads them too slowly stops the server.
class access_log {
 public:
  /// `out` outlives it.
  access_log(std::FILE* out, log_format format) noexcept : out_(out), format_(format) {}

  /// For an exchange that begins.
  [[nodiscard]] static std::unique_ptr<log_entry> begin(const exchange& x, instant at);
  /// `complete`: the whole response has left.
  void write(const log_entry& entry, bool complete, now at);

 private:
  std::FILE* out_;
  log_format format_;
  std::mutex mutex_;
};

/// The line, with its end. For tests.
[[nodiscard]] std::string log_line(const log_entry& entry, log_format format, bool complete,
                                   now at);

}  // namespace drywire::tools
