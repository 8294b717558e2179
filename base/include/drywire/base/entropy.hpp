// Where unpredictable bytes come from: no protocol has a random source of its own.
#pragma once

#include <drywire/base/bytes.hpp>

namespace drywire {

/// Bytes that a peer, or whoever listens, can't foresee. A simulation gives seeded ones, so that a
/// run can be repeated. Used from one thread at a time; outlives every machine made with it.
class entropy {
 public:
  /// Fills all of `to`.
  virtual void fill(mutable_bytes to) noexcept = 0;

 protected:
  entropy() = default;
  entropy(const entropy&) = default;
  entropy& operator=(const entropy&) = default;
  ~entropy() = default;
};

}  // namespace drywire
