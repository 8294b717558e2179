#include <drywire/websocket/handshake.hpp>

#include <array>

namespace drywire::websocket {

namespace {

struct fault_entry {
  handshake_fault what;
  std::uint16_t status;
  std::string_view section;
  std::string_view name;
};

using enum handshake_fault;

constexpr std::array<fault_entry, handshake_fault_count> faults{{
    {not_get, 400, "RFC 6455 4.2.1", "not GET"},
    {not_an_upgrade, 426, "RFC 6455 4.2.1", "not an upgrade"},
    {missing_key, 400, "RFC 6455 4.2.1", "missing key"},
    {invalid_key, 400, "RFC 6455 4.2.1", "invalid key"},
    {unsupported_version, 426, "RFC 6455 4.4", "unsupported version"},
    {invalid_protocols, 400, "RFC 6455 4.1", "invalid protocols"},
    {invalid_extensions, 400, "RFC 6455 9.1", "invalid extensions"},
    {refused, 0, "RFC 6455 4.1", "refused"},
    {wrong_upgrade, 0, "RFC 6455 4.1", "wrong upgrade"},
    {wrong_accept, 0, "RFC 6455 4.1", "wrong accept"},
    {unasked_protocol, 0, "RFC 6455 4.1", "unasked protocol"},
    {unasked_extension, 0, "RFC 6455 4.1", "unasked extension"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (static_cast<std::size_t>(faults[i].what) != i) return false;
  }
  return true;
}
static_assert(in_order());

const fault_entry& entry(handshake_fault what) noexcept {
  return faults[static_cast<std::size_t>(what)];
}

constexpr std::array<http1::field, 2> upgrade_required{
    {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}}};

}  // namespace

std::string_view to_string(handshake_fault what) noexcept { return entry(what).name; }
std::string_view rfc_section(handshake_fault what) noexcept { return entry(what).section; }
unsigned status_of(handshake_fault what) noexcept { return entry(what).status; }

http1::field_list refusal_fields(handshake_fault what) noexcept {
  if (status_of(what) == 426) return upgrade_required;
  return {};
}

}  // namespace drywire::websocket
