// The opening handshake, RFC 6455 4 and RFC 7692 5 and 7: pure functions over the heads of an
// HTTP/1.1 upgrade. Nothing is kept and nothing allocates.
//
// A server looks at a request, chooses, and grants it with the fields of a handshake_response:
//
//   if (const auto wrong = websocket::check_request(head)) refuse(status_of(*wrong));
//   const auto deflate = websocket::choose_deflate(head, compression);
//   const websocket::handshake_response answer(head, protocol, deflate);
//   http.switch_protocols(answer.fields());
//
// A client sends the fields of a handshake_request, and lets that check the response.
#pragma once

#include <drywire/base/entropy.hpp>
#include <drywire/protocol/http1.hpp>
#include <drywire/websocket/websocket.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace drywire::websocket {

/// Why a handshake fails.
enum class handshake_fault : std::uint8_t {
  // Of a request.
  not_get,              ///< another method, or HTTP/1.0
  not_an_upgrade,       ///< no Upgrade to websocket that Connection names
  missing_key,          ///< no Sec-WebSocket-Key, or more than one
  invalid_key,          ///< not 16 bytes in base64
  unsupported_version,  ///< Sec-WebSocket-Version isn't 13
  invalid_protocols,    ///< Sec-WebSocket-Protocol isn't a list of tokens, or has one twice
  invalid_extensions,   ///< Sec-WebSocket-Extensions isn't what RFC 6455 9.1 says
  // Of a response.
  refused,            ///< another status than 101
  wrong_upgrade,      ///< Upgrade isn't websocket, or Connection doesn't name it
  wrong_accept,       ///< Sec-WebSocket-Accept doesn't answer the key
  unasked_protocol,   ///< a subprotocol that wasn't offered, or more than one
  unasked_extension,  ///< an extension, or parameters, that weren't offered
};
inline constexpr std::size_t handshake_fault_count =
    static_cast<std::size_t>(handshake_fault::unasked_extension) + 1;

[[nodiscard]] std::string_view to_string(handshake_fault what) noexcept;
[[nodiscard]] std::string_view rfc_section(handshake_fault what) noexcept;
/// What a server answers: 400, or 426 with the fields of refusal_fields(). 0 for a response's.
[[nodiscard]] unsigned status_of(handshake_fault what) noexcept;
/// For a refusal with that status: 426 has to name the version, RFC 6455 4.4, and 426 the protocol,
/// RFC 9110 15.5.22.
[[nodiscard]] http1::field_list refusal_fields(handshake_fault what) noexcept;

// A server's side.

/// Whether a request asks for WebSocket at all: an Upgrade that offers it. Everything else about it
/// may be wrong.
[[nodiscard]] bool asks_for_websocket(const http1::request_head& head) noexcept;
/// Nothing: the request is a good opening handshake.
[[nodiscard]] std::optional<handshake_fault> check_request(
    const http1::request_head& head) noexcept;
/// The first of `supported` that the request offers; empty if it offers none of them.
[[nodiscard]] std::string_view choose_protocol(
    const http1::request_head& head, std::span<const std::string_view> supported) noexcept;
/// The first offer of permessage-deflate that can be had with `wanted`, as it is then agreed on;
/// nothing if there is none.
[[nodiscard]] std::optional<deflate_parameters> choose_deflate(const http1::request_head& head,
                                                               const compression& wanted) noexcept;

/// The fields of a 101 (Switching Protocols).
class handshake_response {
 public:
  /// Precondition: check_request() had nothing against `head`; `protocol` is empty or one that it
  /// offers, and is used as long as this.
  handshake_response(const http1::request_head& head, std::string_view protocol,
                     const std::optional<deflate_parameters>& deflate) noexcept;
  handshake_response(const handshake_response&) = delete;
  handshake_response& operator=(const handshake_response&) = delete;

  /// Upgrade, Sec-WebSocket-Accept, and what was chosen. Valid as long as this.
  [[nodiscard]] http1::field_list fields() const noexcept;

 private:
  std::array<char, 28> accept_;
  std::array<char, 160> extensions_;
  std::array<http1::field, 4> fields_;
  std::uint8_t count_ = 0;
};

// A client's side.

/// The fields of an opening handshake, and what has to be known of it when the response comes.
class handshake_request {
 public:
  static constexpr std::size_t protocol_bytes_max = 256;  ///< all names with their separators

  /// The key is made of 16 bytes of `random`. `protocols` are offered in this order; they are
  /// tokens, none twice, and not longer than protocol_bytes_max together: else it isn't valid().
  /// `wanted` null: permessage-deflate isn't offered.
  handshake_request(entropy& random, std::span<const std::string_view> protocols,
                    const compression* wanted) noexcept;
  handshake_request(const handshake_request&) = delete;
  handshake_request& operator=(const handshake_request&) = delete;

  [[nodiscard]] bool valid() const noexcept { return valid_; }
  /// Upgrade, Sec-WebSocket-Key, -Version, and what is offered. Valid as long as this. Host is the
  /// caller's.
  [[nodiscard]] http1::field_list fields() const noexcept;

  struct agreement {
    std::string_view protocol;                  ///< into the response's head; empty: none
    std::optional<deflate_parameters> deflate;  ///< nothing: no compression
  };
  /// Nothing: the response is a good answer, and `to` is what it agreed to.
  [[nodiscard]] std::optional<handshake_fault> check_response(const http1::response_head& head,
                                                              agreement& to) const noexcept;

 private:
  std::array<char, 24> key_;
  std::array<char, protocol_bytes_max> protocols_;
  std::array<char, 160> extensions_;
  std::array<http1::field, 5> fields_;
  compression wanted_;
  std::uint16_t protocols_size_ = 0;
  std::uint8_t count_ = 0;
  bool offers_deflate_ = false;
  bool valid_ = true;
};

}  // namespace drywire::websocket
