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
  not_an_upgrade,       ///< no Upgrade to websocket, or Connection doesn't name it
  missing_key,          ///< no Sec-WebSocket-Key, or more than one
  invalid_key,          ///< not 16 bytes in base64
  unsupported_version,  ///< Sec-WebSocket-Version isn't 13, or isn't there once
  invalid_protocols,    ///< Sec-WebSocket-Protocol isn't a list of up to protocols_max tokens
                        ///< that differ
  invalid_extensions,   ///< Sec-WebSocket-Extensions isn't what RFC 6455 9.1 says; of either
  // Of a response.
  refused,            ///< another status than 101
  wrong_upgrade,      ///< Upgrade isn't websocket alone, or Connection doesn't name it
  wrong_accept,       ///< Sec-WebSocket-Accept doesn't answer the key, or isn't there once
  unasked_protocol,   ///< not one subprotocol that was offered
  unasked_extension,  ///< an extension, or parameters, that answer no offer
};
inline constexpr std::size_t handshake_fault_count =
    static_cast<std::size_t>(handshake_fault::unasked_extension) + 1;

/// Subprotocols that one request may offer. They are compared with each other: this bounds how long
/// that takes.
inline constexpr std::size_t protocols_max = 64;

/// The enumerator in words, "missing key".
[[nodiscard]] std::string_view to_string(handshake_fault what) noexcept;
/// The section that the peer broke: "RFC 6455 4.2.1".
[[nodiscard]] std::string_view rfc_section(handshake_fault what) noexcept;
/// What a server answers: 400, or 426 (Upgrade Required). 0 for what only a response can break.
[[nodiscard]] unsigned status_of(handshake_fault what) noexcept;
/// What goes with that status: 426 names the protocol, RFC 9110 15.5.22, and its version, RFC 6455
/// 4.4; 400 needs nothing. Valid for ever.
[[nodiscard]] http1::field_list refusal_fields(handshake_fault what) noexcept;

// A server's side.

/// Whether a request asks for WebSocket at all: an Upgrade that offers it. Everything else about it
/// may be wrong; in HTTP/1.0 an Upgrade means nothing, RFC 9110 7.8.
[[nodiscard]] bool asks_for_websocket(const http1::request_head& head) noexcept;
/// Nothing: the request is a good opening handshake, RFC 6455 4.2.1. Where it comes from, and what
/// its target is, is the application's to judge: origin_allowed() is about the former.
[[nodiscard]] std::optional<handshake_fault> check_request(
    const http1::request_head& head) noexcept;
/// The first of `supported` that the request offers, case and all; empty if it offers none of them.
[[nodiscard]] std::string_view choose_protocol(
    const http1::request_head& head, std::span<const std::string_view> supported) noexcept;
/// The first offer of permessage-deflate that can be had with `wanted`, as it is then agreed on;
/// nothing if there is none. Offers that RFC 7692 7 has a server decline are passed over; so are
/// those that ask for more than `wanted` allows, such as a window of the client's that it can't
/// limit. Precondition: the sizes of `wanted` are those that it may have.
[[nodiscard]] std::optional<deflate_parameters> choose_deflate(const http1::request_head& head,
                                                               const compression& wanted) noexcept;

/// Whether a page of that origin may talk to us, RFC 6455 10.2: browsers let any page on the web
/// open a WebSocket to us, with our cookies, and leave it to us to refuse. True if the request has
/// no Origin, because it isn't a browser's; if its Origin is the host and port that it was sent to
/// (RFC 6454 4; the scheme isn't compared, a proxy may have taken TLS off); or if it is one of
/// `allowed`, each as browsers write it, "https://example.com". "null", and an Origin that is
/// repeated or malformed, are no host. Refuse with 403, RFC 6455 4.2.2.
[[nodiscard]] bool origin_allowed(const http1::request_head& head,
                                  std::span<const std::string_view> allowed = {}) noexcept;

/// The fields of a 101 (Switching Protocols).
class handshake_response {
 public:
  /// Precondition: check_request() had nothing against `head`; `protocol` is empty or one that it
  /// offers, and lives as long as this; `deflate` is choose_deflate()'s, or nothing.
  handshake_response(const http1::request_head& head, std::string_view protocol,
                     const std::optional<deflate_parameters>& deflate) noexcept;
  handshake_response(const handshake_response&) = delete;
  handshake_response& operator=(const handshake_response&) = delete;

  /// Upgrade, Sec-WebSocket-Accept, and what was chosen; http1::server adds Connection. Valid as
  /// long as this.
  [[nodiscard]] http1::field_list fields() const noexcept;

 private:
  std::array<char, 28> accept_;
  std::array<char, 160> extensions_{};
  std::array<http1::field, 4> fields_;
  std::uint8_t count_ = 0;
};

// A client's side.

/// The fields of an opening handshake, and what has to be known of it when the response comes.
class handshake_request {
 public:
  static constexpr std::size_t protocol_bytes_max = 256;  ///< all names with their separators

  /// The key is made of 16 bytes of `random`. `protocols` are offered in this order; they are up
  /// to protocols_max tokens, none twice, and not longer than protocol_bytes_max together: else it
  /// isn't valid(). Nor is it if a window in `wanted` hasn't a size that it may have.
  /// `wanted` null: permessage-deflate isn't offered.
  handshake_request(entropy& random, std::span<const std::string_view> protocols,
                    const compression* wanted) noexcept;
  handshake_request(const handshake_request&) = delete;
  handshake_request& operator=(const handshake_request&) = delete;

  [[nodiscard]] bool valid() const noexcept { return count_ != 0; }
  /// Upgrade, Sec-WebSocket-Key, -Version, and what is offered. Valid as long as this. Host, and
  /// Origin if there is one, are the caller's; http1::client adds Connection. Nothing if it isn't
  /// valid().
  [[nodiscard]] http1::field_list fields() const noexcept;

  struct agreement {
    std::string_view protocol;                  ///< into the response's head; empty: none
    std::optional<deflate_parameters> deflate;  ///< nothing: no compression
  };
  /// Nothing: the response is a good answer, RFC 6455 4.1, and `to` is what it agreed to. A server
  /// may choose none of the subprotocols; whoever can't do without one closes then. Precondition:
  /// valid().
  [[nodiscard]] std::optional<handshake_fault> check_response(const http1::response_head& head,
                                                              agreement& to) const noexcept;

 private:
  [[nodiscard]] bool write_protocols(std::span<const std::string_view> names) noexcept;
  [[nodiscard]] std::string_view offered_protocols() const noexcept;
  [[nodiscard]] bool check_protocol(const http1::response_head& head, agreement& to) const noexcept;
  [[nodiscard]] bool check_extensions(const http1::response_head& head,
                                      agreement& to) const noexcept;

  std::array<char, 24> key_{};
  std::array<char, protocol_bytes_max> protocols_{};
  std::array<char, 160> extensions_{};
  std::array<http1::field, 5> fields_;
  compression wanted_;
  std::uint16_t protocols_size_ = 0;
  std::uint8_t count_ = 0;  // of fields_; 0: it isn't valid
  bool offers_deflate_ = false;
};

}  // namespace drywire::websocket
