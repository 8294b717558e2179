#include "../http1_grammar.hpp"
#include "base64.hpp"
#include "deflate_negotiation.hpp"
#include "handshake_grammar.hpp"

#include <drywire/websocket/handshake.hpp>

#include <algorithm>

namespace drywire::websocket {

namespace {

using http1::equal_ignoring_case;
using http1::request_head;
using http1::grammar::take_list_element;

constexpr std::size_t key_bytes = 16;

// Calls for each element of Sec-WebSocket-Protocol, in all its fields, until that says true.
template <class Call>
bool any_protocol(const request_head& head, Call call) noexcept {
  for (const http1::field& f : head.fields) {
    if (!equal_ignoring_case(f.name, "Sec-WebSocket-Protocol")) continue;
    std::string_view list = f.value;
    for (auto e = take_list_element(list); !e.empty(); e = take_list_element(list)) {
      if (call(e)) return true;
    }
  }
  return false;
}

// RFC 6455 4.1: tokens, all of them different, and at least one if there is a field.
bool protocols_well_formed(const request_head& head) noexcept {
  std::array<std::string_view, protocols_max> seen;
  std::size_t count = 0;
  const bool wrong = any_protocol(head, [&](std::string_view name) {
    const auto end = seen.begin() + static_cast<std::ptrdiff_t>(count);
    if (count == seen.size() || !http1::grammar::is_token(name)) return true;
    if (std::find(seen.begin(), end, name) != end) return true;
    seen[count++] = name;
    return false;
  });
  return !wrong && (count != 0 || head.find("Sec-WebSocket-Protocol") == nullptr);
}

// Calls with the parameters of each offer of permessage-deflate that is good, in the order sent,
// until that says true.
template <class Call>
void any_offer(const request_head& head, Call call) noexcept {
  for (const http1::field& f : head.fields) {
    if (!equal_ignoring_case(f.name, "Sec-WebSocket-Extensions")) continue;
    extension_reader reader(f.value);
    for (auto name = reader.next_extension(); !name.empty(); name = reader.next_extension()) {
      if (name != deflate_name) continue;
      const auto offer = read_deflate_params(reader);
      if (offer && call(*offer)) return;
    }
  }
}

}  // namespace

bool asks_for_websocket(const request_head& head) noexcept {
  return head.minor_version > 0 && lists(head.fields, "Upgrade", "websocket");
}

std::optional<handshake_fault> check_request(const request_head& head) noexcept {
  using enum handshake_fault;
  if (head.method != "GET" || head.minor_version == 0) return not_get;
  if (!head.asks_upgrade || !asks_for_websocket(head)) return not_an_upgrade;
  // Before what else this version asks for: another one may ask for something else.
  if (only_value(head.fields, "Sec-WebSocket-Version") != "13") return unsupported_version;
  const auto key = only_value(head.fields, "Sec-WebSocket-Key");
  if (!key) return missing_key;
  if (!is_base64_of(key_bytes, *key)) return invalid_key;
  if (!protocols_well_formed(head)) return invalid_protocols;
  if (!extensions_well_formed(head.fields)) return invalid_extensions;
  return std::nullopt;
}

std::string_view choose_protocol(const request_head& head,
                                 std::span<const std::string_view> supported) noexcept {
  for (const std::string_view ours : supported) {
    if (any_protocol(head, [ours](std::string_view name) { return name == ours; })) return ours;
  }
  return {};
}

std::optional<deflate_parameters> choose_deflate(const request_head& head,
                                                 const compression& wanted) noexcept {
  std::optional<deflate_parameters> agreed;
  any_offer(head, [&](const deflate_params& offer) {
    agreed = accept_offer(offer, wanted);
    return agreed.has_value();
  });
  return agreed;
}

handshake_response::handshake_response(const request_head& head, std::string_view protocol,
                                       const std::optional<deflate_parameters>& deflate) noexcept
    : accept_(accept_for(*only_value(head.fields, "Sec-WebSocket-Key"))) {
  fields_[count_++] = {"Upgrade", "websocket"};
  fields_[count_++] = {"Sec-WebSocket-Accept", {accept_.data(), accept_.size()}};
  if (!protocol.empty()) fields_[count_++] = {"Sec-WebSocket-Protocol", protocol};
  if (!deflate) return;
  // Which offer was chosen isn't known any more. To name a window to a client that did in another
  // offer is as good: RFC 7692 7.1.2.1 lets a server name it unasked.
  bool names_window = false;
  any_offer(head, [&](const deflate_params& offer) {
    return names_window = offer.server_max_window_bits != 0;
  });
  fields_[count_++] = {"Sec-WebSocket-Extensions",
                       write_answer(*deflate, names_window, extensions_)};
}

http1::field_list handshake_response::fields() const noexcept {
  return std::span(fields_.data(), count_);
}

}  // namespace drywire::websocket
