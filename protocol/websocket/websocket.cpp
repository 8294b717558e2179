#include <drywire/websocket/websocket.hpp>

#include <array>

namespace drywire::websocket {

namespace {

struct fault_entry {
  fault what;
  std::uint16_t code;
  std::string_view section;
  std::string_view name;
};

constexpr std::array<fault_entry, fault_count> faults{{
    {fault::reserved_bits, close_code::protocol_error, "RFC 6455 5.2", "reserved bits"},
    {fault::reserved_opcode, close_code::protocol_error, "RFC 6455 5.2", "reserved opcode"},
    {fault::unmasked_frame, close_code::protocol_error, "RFC 6455 5.1", "unmasked frame"},
    {fault::masked_frame, close_code::protocol_error, "RFC 6455 5.1", "masked frame"},
    {fault::length_not_minimal, close_code::protocol_error, "RFC 6455 5.2", "length not minimal"},
    {fault::length_over_63_bits, close_code::protocol_error, "RFC 6455 5.2", "length over 63 bits"},
    {fault::fragmented_control, close_code::protocol_error, "RFC 6455 5.5", "fragmented control"},
    {fault::long_control, close_code::protocol_error, "RFC 6455 5.5", "long control"},
    {fault::unexpected_continuation, close_code::protocol_error, "RFC 6455 5.4",
     "unexpected continuation"},
    {fault::interrupted_message, close_code::protocol_error, "RFC 6455 5.4", "interrupted message"},
    {fault::compressed_control, close_code::protocol_error, "RFC 7692 6.1", "compressed control"},
    {fault::compressed_continuation, close_code::protocol_error, "RFC 7692 6.1",
     "compressed continuation"},
    {fault::invalid_utf8, close_code::invalid_payload, "RFC 6455 8.1", "invalid UTF-8"},
    {fault::short_close, close_code::protocol_error, "RFC 6455 5.5.1", "short close"},
    {fault::invalid_close_code, close_code::protocol_error, "RFC 6455 7.4", "invalid close code"},
    {fault::invalid_deflate, close_code::invalid_payload, "RFC 7692 7.2.2", "invalid deflate"},
    {fault::message_too_big, close_code::message_too_big, "RFC 6455 10.4", "message too big"},
    {fault::too_many_fragments, close_code::policy_violation, "RFC 6455 10.4",
     "too many fragments"},
    {fault::inflate_ratio_exceeded, close_code::message_too_big, "RFC 6455 10.4",
     "inflate ratio exceeded"},
    {fault::too_many_pings, close_code::policy_violation, "RFC 6455 10.4", "too many pings"},
    {fault::pong_timeout, close_code::policy_violation, "RFC 6455 5.5.2", "pong timeout"},
    {fault::message_timeout, close_code::policy_violation, "RFC 6455 10.4", "message timeout"},
    {fault::write_timeout, 0, "RFC 6455 7.1.7", "write timeout"},
    {fault::close_timeout, 0, "RFC 6455 7.1.1", "close timeout"},
    {fault::connection_lost, 0, "RFC 6455 7.1.5", "connection lost"},
    {fault::no_memory, close_code::internal_error, "RFC 6455 7.4.1", "no memory"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (static_cast<std::size_t>(faults[i].what) != i) return false;
  }
  return true;
}
static_assert(in_order());

const fault_entry& entry(fault what) noexcept { return faults[static_cast<std::size_t>(what)]; }

}  // namespace

bool may_be_sent(std::uint16_t code) noexcept {
  const bool defined = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
  return defined || (code >= 3000 && code <= 4999);
}

std::string_view to_string(fault what) noexcept { return entry(what).name; }
std::string_view rfc_section(fault what) noexcept { return entry(what).section; }
std::uint16_t close_code_of(fault what) noexcept { return entry(what).code; }

}  // namespace drywire::websocket
