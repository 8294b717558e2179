#include "../http1_grammar.hpp"
#include "base64.hpp"
#include "deflate_negotiation.hpp"
#include "handshake_grammar.hpp"

#include <drywire/websocket/handshake.hpp>

#include <algorithm>

namespace drywire::websocket {

namespace {

using http1::equal_ignoring_case;
using http1::response_head;
using http1::grammar::take_list_element;

constexpr std::string_view separator = ", ";

bool valid_window(std::uint8_t bits) noexcept { return bits >= 8 && bits <= 15; }

bool valid_protocols(std::span<const std::string_view> names) noexcept {
  if (names.size() > protocols_max) return false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto before = names.first(i);
    if (!http1::grammar::is_token(names[i])) return false;
    if (std::ranges::find(before, names[i]) != before.end()) return false;
  }
  return true;
}

// RFC 6455 4.1: both name the switch, Upgrade nothing else.
bool says_upgrade(const response_head& head) noexcept {
  const auto upgrade = only_value(head.fields, "Upgrade");
  return head.minor_version > 0 && upgrade && equal_ignoring_case(*upgrade, "websocket") &&
         lists(head.fields, "Connection", "Upgrade");
}

}  // namespace

handshake_request::handshake_request(entropy& random, std::span<const std::string_view> protocols,
                                     const compression* wanted) noexcept {
  if (!write_protocols(protocols)) return;
  if (wanted != nullptr) {
    if (!valid_window(wanted->own_window_bits) || !valid_window(wanted->peer_window_bits)) return;
    wanted_ = *wanted;
    offers_deflate_ = true;
  }
  std::array<std::byte, 16> nonce{};
  random.fill(nonce);
  write_base64(nonce, key_.data());
  fields_[count_++] = {"Upgrade", "websocket"};
  fields_[count_++] = {"Sec-WebSocket-Key", {key_.data(), key_.size()}};
  fields_[count_++] = {"Sec-WebSocket-Version", "13"};
  if (protocols_size_ != 0) fields_[count_++] = {"Sec-WebSocket-Protocol", offered_protocols()};
  if (offers_deflate_) {
    fields_[count_++] = {"Sec-WebSocket-Extensions", write_offer(wanted_, extensions_)};
  }
}

bool handshake_request::write_protocols(std::span<const std::string_view> names) noexcept {
  if (!valid_protocols(names)) return false;
  for (const std::string_view name : names) {
    const std::string_view before = protocols_size_ == 0 ? std::string_view{} : separator;
    if (protocols_size_ + before.size() + name.size() > protocols_.size()) return false;
    char* const to = std::ranges::copy(before, protocols_.data() + protocols_size_).out;
    std::ranges::copy(name, to);
    protocols_size_ = static_cast<std::uint16_t>(protocols_size_ + before.size() + name.size());
  }
  return true;
}

http1::field_list handshake_request::fields() const noexcept {
  return std::span(fields_.data(), count_);
}

std::string_view handshake_request::offered_protocols() const noexcept {
  return {protocols_.data(), protocols_size_};
}

std::optional<handshake_fault> handshake_request::check_response(const response_head& head,
                                                                 agreement& to) const noexcept {
  using enum handshake_fault;
  if (head.status != 101) return refused;
  if (!says_upgrade(head)) return wrong_upgrade;
  const accept_text accept = accept_for({key_.data(), key_.size()});
  if (only_value(head.fields, "Sec-WebSocket-Accept") !=
      std::string_view(accept.data(), accept.size())) {
    return wrong_accept;
  }
  agreement agreed;
  if (!check_protocol(head, agreed)) return unasked_protocol;
  // RFC 6455 9.1: only a request may have several.
  if (count_fields(head.fields, "Sec-WebSocket-Extensions") > 1 ||
      !extensions_well_formed(head.fields)) {
    return invalid_extensions;
  }
  if (!check_extensions(head, agreed)) return unasked_extension;
  to = agreed;
  return std::nullopt;
}

// None, or one of ours, case and all.
bool handshake_request::check_protocol(const response_head& head, agreement& to) const noexcept {
  if (count_fields(head.fields, "Sec-WebSocket-Protocol") == 0) return true;
  to.protocol = only_value(head.fields, "Sec-WebSocket-Protocol").value_or("");
  std::string_view ours = offered_protocols();
  for (auto e = take_list_element(ours); !e.empty(); e = take_list_element(ours)) {
    if (e == to.protocol) return true;
  }
  return false;
}

// Precondition: there is one field at most, and it is well formed.
bool handshake_request::check_extensions(const response_head& head, agreement& to) const noexcept {
  extension_reader reader(only_value(head.fields, "Sec-WebSocket-Extensions").value_or(""));
  for (auto name = reader.next_extension(); !name.empty(); name = reader.next_extension()) {
    if (!offers_deflate_ || to.deflate || name != deflate_name) return false;
    if (const auto answer = read_deflate_params(reader)) {
      to.deflate = accept_answer(*answer, wanted_);
    }
    if (!to.deflate) return false;
  }
  return true;
}

}  // namespace drywire::websocket
