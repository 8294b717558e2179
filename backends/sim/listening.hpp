// A listening socket: connections that wait to be accepted.
#pragma once

#include "connection.hpp"
#include "endpoints.hpp"

#include <deque>

namespace drywire::sim {

class listening {
 public:
  listening(const endpoint& where, const listen_options& options) noexcept
      : local(where), options_(options) {}
  listening(const listening&) = delete;
  listening& operator=(const listening&) = delete;
  /// Resets whoever waits.
  ~listening() {
    while (connection* first = take()) first->turn_away();
  }

  [[nodiscard]] bool reuses_port() const noexcept { return options_.reuse_port; }
  /// On any address of IPv6 it takes IPv4, too.
  [[nodiscard]] bool takes(const endpoint& to) const noexcept {
    if (!is_any(local)) return same_address(local, to);
    return local.is_v6() == to.is_v6() || (local.is_v6() && !options_.v6_only);
  }
  /// As on Linux, one more than was asked for.
  [[nodiscard]] bool is_full() const noexcept {
    return waiting_.size() > static_cast<std::size_t>(options_.backlog);
  }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  void add(connection& made) {
    made.hold();
    waiting_.push_back(&made);
    if (watch != nullptr) watch->look();
  }
  /// Still held. Null when nobody waits.
  [[nodiscard]] connection* take() noexcept {
    if (waiting_.empty()) return nullptr;
    connection* first = waiting_.front();
    waiting_.pop_front();
    return first;
  }

  const endpoint local;
  sim_watch* watch = nullptr;

 private:
  const listen_options options_;
  std::deque<connection*> waiting_;
};

}  // namespace drywire::sim
