// What every client in the simulated network has in common.
#pragma once

#include <drywire/loop/endpoint.hpp>

#include <cstdint>
#include <string>

namespace drywire::tools {

enum class user_kind : std::uint8_t {
  raw,      ///< each speaks HTTP for itself, in bytes
  adapter,  ///< they share one http_client
  chat,     ///< they share one websocket_client
};

/// What all clients of a simulation share.
struct client_plan {
  endpoint server;
  /// The network's faults may cut a reply off, or leave one out.
  bool losses_excused = false;
  bool over = false;           ///< no more requests
  std::uint64_t requests = 0;  ///< or messages sent
  std::uint64_t replies = 0;   ///< or messages received
  std::uint64_t connects = 0;
  std::uint64_t cut_off = 0;    ///< connections that ended before all replies had come
  std::uint64_t abandoned = 0;  ///< connections that a client dropped on purpose
  std::string violation = {};   ///< the first

  void violate(const std::string& who, const std::string& what) {
    if (violation.empty()) violation = who + ": " + what;
  }
};

class simulated_user {
 public:
  simulated_user() = default;
  simulated_user(const simulated_user&) = delete;
  simulated_user& operator=(const simulated_user&) = delete;
  virtual ~simulated_user() = default;

  /// To be called now and then: what has waited for too long is given up, or a broken promise.
  virtual void check_patience() noexcept {}
  /// Nothing new; what is in progress ends.
  virtual void finish() noexcept = 0;
  /// Something is in progress.
  [[nodiscard]] virtual bool busy() const noexcept = 0;
};

}  // namespace drywire::tools
