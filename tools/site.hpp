// What `drywire serve` answers: the files of a folder to GET and HEAD, at /echo, to any method, the
// request's own body, and its metrics where that is wanted.
#pragma once

#include "access_log.hpp"
#include "file_tree.hpp"
#include "reply.hpp"

#include <drywire/adapters/exchange.hpp>
#include <drywire/adapters/http_counters.hpp>
#include <drywire/loop/backend.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace drywire::tools {

struct site_options {
  std::string root = ".";
  bool lists_folders = false;
  bool gives_gzipped = false;  ///< FILE.gz for FILE, to who accepts it
  std::string metrics = {};    ///< the path of the metrics; empty for none
  std::size_t ranges_max = 16;
  std::size_t listing_entries_max = 1000;
};

class site {
 public:
  /// Throws failure when the root can't be read. `log`, if not null, gets a line for each exchange
  /// at its end. `loop`, `log` and `counters` outlive the site, and it outlives its exchanges.
  site(const backend& loop, const site_options& options, access_log* log,
       std::span<const http_counters* const> counters)
      : options_(options),
        files_(std::in_place, options.root),
        loop_(loop),
        log_(log),
        counters_(counters) {}

  /// Without a folder: every target but /echo is absent.
  explicit site(const backend& loop) : loop_(loop) {}

  void answer(exchange& x) const;

 private:
  [[nodiscard]] log_entry* begin_log(exchange& x) const;
  void answer_to(reply to) const;
  void give_metrics(reply& to) const;
  void give_path(reply& to, const target_path& path) const;
  void choose_file(reply& to, const target_path& path, found_file plain) const;
  void list(reply& to, const target_path& path) const;

  site_options options_;
  std::optional<file_tree> files_;
  const backend& loop_;
  access_log* log_ = nullptr;
  std::span<const http_counters* const> counters_;
};

}  // namespace drywire::tools
