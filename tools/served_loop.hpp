// A loop with a server and a site on it: `drywire serve` has one for each thread.
#pragma once

#include "access_log.hpp"
#include "settings.hpp"
#include "site.hpp"
#include "site_counters.hpp"
#include "site_sockets.hpp"

#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/http_trace.hpp>

#include <memory>
#include <span>

namespace drywire::tools {

class served_loop {
 public:
  /// What all of them share; outlives them. `counters` are of them all, in order.
  struct shared {
    const settings& wanted;
    bool traced;
    access_log* log;
    std::span<site_counters* const> counters;
    chat_room& room;
  };

  /// Counts in `counters`, if that isn't null. Throws failure.
  served_loop(const shared& with, site_counters* counters);
  served_loop(const served_loop&) = delete;
  served_loop& operator=(const served_loop&) = delete;

  [[nodiscard]] backend& loop() noexcept { return *loop_; }
  [[nodiscard]] http_server& server() noexcept { return server_; }
  [[nodiscard]] const http_trace& trace() const noexcept { return trace_; }

 private:
  std::unique_ptr<backend> loop_;
  site_sockets sockets_;
  site site_;
  http_trace trace_;
  http_server server_;
};

}  // namespace drywire::tools
