// Handles of uv and what they belong to: `data` points to it.
#pragma once

#include <drywire/loop/error.hpp>

#include <uv.h>

namespace drywire {

template <class Owner, class Handle>
[[nodiscard]] Owner& owner_of(const Handle* handle) noexcept {
  return *static_cast<Owner*>(handle->data);
}

/// uv's handles begin with the members of uv_handle_t.
template <class Handle>
[[nodiscard]] uv_handle_t* as_handle(Handle& handle) noexcept {
  return reinterpret_cast<uv_handle_t*>(&handle);
}

/// uv's codes are negated values of errno, but for a few of its own that don't occur here.
[[nodiscard]] inline error uv_error(int code) noexcept { return error(code < 0 ? -code : 0); }

}  // namespace drywire
