// Names looked up with getaddrinfo(), which blocks: for a command that has nothing else to do
// meanwhile.
#pragma once

#include <drywire/adapters/resolver.hpp>
#include <drywire/loop/backend.hpp>

#include <deque>
#include <vector>

namespace drywire::tools {

/// Outlives neither the loop nor a query that waits for its answer.
class name_resolver final : public resolver {
 public:
  explicit name_resolver(backend& loop) noexcept : loop_(loop) {}

  void resolve(std::string_view host, std::uint16_t port, name_query& query) noexcept override;
  void cancel(name_query& query) noexcept override;

 private:
  struct answer {
    name_query* query;  // null once cancelled
    std::vector<endpoint> addresses;
    std::string_view why;
  };

  void tell_next() noexcept;

  backend& loop_;
  std::deque<answer> answers_;  // in the order of the tasks that were posted for them
};

}  // namespace drywire::tools
