// Masking, RFC 6455 5.3: each byte of a client's payload xored with a byte of a key of four.
//
// The fastest way the processor has is chosen once, at run time; there is a portable one.
#pragma once

#include <drywire/base/bytes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace drywire::websocket {

using masking_key = std::array<std::byte, 4>;

/// Masks or unmasks in place. `offset` is that of the first byte in the frame's payload: a payload
/// may be masked in portions of any size.
void mask(mutable_bytes bytes, masking_key key, std::uint64_t offset) noexcept;

/// Writes `from`, masked, to the first bytes of `to`. Precondition: `to` is at least as long, and
/// they don't overlap.
void mask_copy(const_bytes from, mutable_bytes to, masking_key key, std::uint64_t offset) noexcept;

}  // namespace drywire::websocket
