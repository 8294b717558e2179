// A cursor for a machine whose next event is a function of what is left of the lent bytes.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstddef>
#include <optional>

namespace drywire {

/// Reads the lent bytes one event at a time. Holds nothing: it may be dropped at any time.
/// Machine has it for a friend, and a member `std::optional<Event> next(mutable_bytes& rest)` that
/// takes what it consumes off the front of `rest`.
template <class Machine, class Event>
class rest_cursor {
 public:
  [[nodiscard]] std::optional<Event> next() noexcept { return machine_->next(rest_); }
  [[nodiscard]] std::size_t consumed() const noexcept { return lent_ - rest_.size(); }
  [[nodiscard]] mutable_bytes remaining() const noexcept { return rest_; }

 private:
  friend Machine;
  rest_cursor(Machine& machine, mutable_bytes in) noexcept
      : machine_(&machine), rest_(in), lent_(in.size()) {}

  Machine* machine_;
  mutable_bytes rest_;
  std::size_t lent_;
};

}  // namespace drywire
