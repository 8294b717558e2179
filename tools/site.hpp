// What `drywire serve` answers: the files of a folder to GET and HEAD, and at /echo, to any method,
// the request's own body.
#pragma once

#include "file_tree.hpp"

#include <drywire/adapters/exchange.hpp>
#include <drywire/loop/backend.hpp>

#include <cstdio>
#include <optional>
#include <string>

namespace drywire::tools {

class site {
 public:
  /// Throws failure when `root` can't be read. `log`, if not null, gets a line for each exchange
  /// at its end. `loop` and `log` outlive the site, and it outlives its exchanges.
  site(const backend& loop, const std::string& root, std::FILE* log)
      : files_(std::in_place, root), loop_(loop), log_(log) {}

  /// Without a folder: every target but /echo is absent.
  site(const backend& loop, std::FILE* log) : loop_(loop), log_(log) {}

  void answer(exchange& x) const;

 private:
  [[nodiscard]] unsigned echo(exchange& x) const;
  [[nodiscard]] unsigned give_file(exchange& x) const;
  void log_at_end(exchange& x, std::string request, unsigned status) const;
  void write_log(const std::string& request, bool complete) const;

  std::optional<file_tree> files_;
  const backend& loop_;
  std::FILE* log_;
};

}  // namespace drywire::tools
