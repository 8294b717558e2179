// What is counted or traced of one connection of an http_server.
#pragma once

#include "http_machine.hpp"

#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/http_counters.hpp>
#include <drywire/adapters/http_trace.hpp>

#include <optional>

namespace drywire {

/// Either may be null; both outlive it.
class http_watcher final : public driver_observer<http_machine> {
 public:
  http_watcher(http_counters* counters, http_trace* trace);

  /// A response with that status has begun.
  void count_response(unsigned status) noexcept;
  /// An exchange is over.
  void count_end(bool complete) noexcept;

 private:
  void on_event(const http_machine::event& event) noexcept override;
  void on_output(const_bytes written) noexcept override;
  void on_fin() noexcept override;

  void count(const http1::server_event& event) noexcept;
  void count(const websocket::event& event) noexcept;

  http_counters* counters_;
  std::optional<http_trace::recorder> recorder_;
};

}  // namespace drywire
