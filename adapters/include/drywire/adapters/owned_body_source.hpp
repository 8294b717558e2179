// A body that is made while it is sent, owned by what sends it.
#pragma once

#include <drywire/protocol/http1_exchange.hpp>

namespace drywire {

/// A body_source that an exchange or a call can own.
class owned_body_source : public http1::body_source {
 public:
  owned_body_source() = default;
  owned_body_source(const owned_body_source&) = delete;
  owned_body_source& operator=(const owned_body_source&) = delete;
  virtual ~owned_body_source() = default;

  /// Begins again from the first byte, for a client that has to send the body a second time. False,
  /// and nothing changed, for a body that can't be repeated.
  virtual bool rewind() noexcept { return false; }
};

}  // namespace drywire
