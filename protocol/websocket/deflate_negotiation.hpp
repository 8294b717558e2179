// What permessage-deflate's parameters say, RFC 7692 7.1, and what two sides make of them. Offers
// and answers are texts of one extension in Sec-WebSocket-Extensions.
#pragma once

#include "extension_reader.hpp"

#include <drywire/websocket/websocket.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace drywire::websocket {

inline constexpr std::string_view deflate_name = "permessage-deflate";

/// The name and all four parameters, with their values.
inline constexpr std::size_t deflate_text_bytes = 160;
using deflate_text = std::array<char, deflate_text_bytes>;

/// One extension's parameters as they were sent.
struct deflate_params {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  bool limits_client_window = false;        ///< client_max_window_bits is there
  std::uint8_t server_max_window_bits = 0;  ///< 0: isn't there
  std::uint8_t client_max_window_bits = 0;  ///< 0: isn't there, or has no value
};

/// Reads the parameters of the extension that the reader stands at. Nothing: one is unknown, is
/// there twice, or has a value that it may not have; RFC 7692 7.
[[nodiscard]] std::optional<deflate_params> read_deflate_params(extension_reader& from) noexcept;

/// What a server agrees to for an offer; nothing: it declines.
[[nodiscard]] std::optional<deflate_parameters> accept_offer(const deflate_params& offer,
                                                             const compression& wanted) noexcept;
/// What a server answers. `names_server_window`: also a window of 15 bits has to be confirmed.
[[nodiscard]] std::string_view write_answer(const deflate_parameters& agreed,
                                            bool names_server_window, deflate_text& to) noexcept;

/// What a client offers for what it wants.
[[nodiscard]] std::string_view write_offer(const compression& wanted, deflate_text& to) noexcept;
/// What a client that sent write_offer(wanted) has agreed to by that answer; nothing: it answers
/// another offer.
[[nodiscard]] std::optional<deflate_parameters> accept_answer(const deflate_params& answer,
                                                              const compression& wanted) noexcept;

}  // namespace drywire::websocket
