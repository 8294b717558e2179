// Where a client's names become addresses. The core looks up none: whoever makes a client brings a
// resolver, or has only numeric hosts.
#pragma once

#include <drywire/loop/endpoint.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace drywire {

/// A look-up that waits for its answer.
class name_query {
 public:
  /// Addresses in the order to try them, with the port; at least one. The span is valid for the
  /// call.
  virtual void on_resolved(std::span<const endpoint> addresses) noexcept = 0;
  /// There are none; `why` in words, a static string.
  virtual void on_unresolved(std::string_view why) noexcept = 0;

 protected:
  name_query() = default;
  name_query(const name_query&) = default;
  name_query& operator=(const name_query&) = default;
  ~name_query() = default;
};

/// One thread, the loop's; what it does elsewhere it posts back.
class resolver {
 public:
  /// Looks `host` up, a name in lower case, never a number; it is valid for the call. Answers
  /// `query` once, on the loop's thread, never from within this call, unless cancel() comes before.
  /// Any number of queries may be under way.
  virtual void resolve(std::string_view host, std::uint16_t port, name_query& query) noexcept = 0;
  /// Nobody waits for `query` any more: it is not answered, and may die. Precondition: it was
  /// given to resolve() and isn't answered.
  virtual void cancel(name_query& query) noexcept = 0;

 protected:
  resolver() = default;
  resolver(const resolver&) = default;
  resolver& operator=(const resolver&) = default;
  ~resolver() = default;
};

}  // namespace drywire
