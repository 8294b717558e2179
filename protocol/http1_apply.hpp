// A wish as data to the member that grants it.
#pragma once

#include <drywire/base/errc.hpp>
#include <drywire/protocol/http1_exchange.hpp>

#include <variant>

namespace drywire::http1 {

// std::visit throws for a variant that has lost its value, and that alone would bring exceptions
// in.
template <class Granter, class... Wishes>
errc apply_to(const Granter& granter, const std::variant<Wishes...>& wish) noexcept {
  errc result = errc::invalid_argument;
  const auto apply_if_there = [&](const auto* w) {
    if (w != nullptr) result = granter(*w);
  };
  (apply_if_there(std::get_if<Wishes>(&wish)), ...);
  return result;
}

/// Grants the wishes that both roles have.
template <class Connection>
struct shared_granter {
  Connection& to;

  errc operator()(const wish::send& w) const { return to.send(w); }
  errc operator()(const wish::pull_from& w) const {
    return w.source == nullptr ? errc::invalid_argument : to.pull_from(*w.source);
  }
  errc operator()(const wish::finish& w) const { return to.finish(w.trailers); }
  errc operator()(const wish::raise_body_limit& w) const { return to.raise_body_limit(w.bytes); }
  errc operator()(const wish::hold_body&) const { return to.hold_body(true); }
  errc operator()(const wish::resume_body&) const { return to.hold_body(false); }
  errc operator()(const wish::discard_body&) const { return to.discard_body(); }
  errc operator()(const wish::shut_down&) const { return to.shut_down(); }
  errc operator()(const wish::abort&) const { return to.abort(); }
};

}  // namespace drywire::http1
