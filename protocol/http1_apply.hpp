// A wish as data to the member that grants it.
#pragma once

#include <drywire/base/errc.hpp>

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

}  // namespace drywire::http1
