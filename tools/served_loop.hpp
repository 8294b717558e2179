// A loop with a server and a site on it: `drywire serve` has one for each thread.
#pragma once

#include "access_log.hpp"
#include "settings.hpp"
#include "site.hpp"

#include <drywire/adapters/http_counters.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/http_trace.hpp>

#include <memory>
#include <span>
#include <string>

namespace drywire::tools {

/// The loop of that name. Throws failure.
[[nodiscard]] std::unique_ptr<backend> make_loop(const std::string& name);

class served_loop {
 public:
  /// What all of them share; outlives them. `counters` are of them all, in order.
  struct shared {
    const settings& wanted;
    bool traced;
    access_log* log;
    std::span<http_counters* const> counters;
  };

  /// Counts in `counters`, if that isn't null. Throws failure.
  served_loop(const shared& with, http_counters* counters);
  served_loop(const served_loop&) = delete;
  served_loop& operator=(const served_loop&) = delete;

  [[nodiscard]] backend& loop() noexcept { return *loop_; }
  [[nodiscard]] http_server& server() noexcept { return server_; }
  [[nodiscard]] const http_trace& trace() const noexcept { return trace_; }

 private:
  std::unique_ptr<backend> loop_;
  site site_;
  http_trace trace_;
  http_server server_;
};

}  // namespace drywire::tools
