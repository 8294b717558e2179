#include "handshake_grammar.hpp"

#include "../http1_grammar.hpp"
#include "base64.hpp"
#include "extension_reader.hpp"
#include "sha1.hpp"

#include <algorithm>
#include <cassert>

namespace drywire::websocket {

using http1::equal_ignoring_case;
using http1::grammar::take_list_element;

std::optional<std::string_view> only_value(fields_view fields, std::string_view name) noexcept {
  std::optional<std::string_view> value;
  for (const http1::field& f : fields) {
    if (!equal_ignoring_case(f.name, name)) continue;
    if (value) return std::nullopt;
    value = f.value;
  }
  return value;
}

std::size_t count_fields(fields_view fields, std::string_view name) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields, [&](const http1::field& f) { return equal_ignoring_case(f.name, name); }));
}

bool lists(fields_view fields, std::string_view name, std::string_view element) noexcept {
  for (const http1::field& f : fields) {
    if (!equal_ignoring_case(f.name, name)) continue;
    std::string_view list = f.value;
    for (auto e = take_list_element(list); !e.empty(); e = take_list_element(list)) {
      if (equal_ignoring_case(e, element)) return true;
    }
  }
  return false;
}

bool extensions_well_formed(fields_view fields) noexcept {
  bool any_field = false;
  bool any_extension = false;
  for (const http1::field& f : fields) {
    if (!equal_ignoring_case(f.name, "Sec-WebSocket-Extensions")) continue;
    any_field = true;
    extension_reader reader(f.value);
    while (!reader.next_extension().empty()) any_extension = true;
    if (reader.malformed()) return false;
  }
  return any_extension || !any_field;
}

accept_text accept_for(std::string_view key) noexcept {
  constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<char, 24 + guid.size()> both{};
  assert(key.size() + guid.size() == both.size());
  std::ranges::copy(guid, std::copy_n(key.begin(), 24, both.begin()));
  accept_text text{};
  write_base64(sha1(text_bytes({both.data(), both.size()})), text.data());
  return text;
}

}  // namespace drywire::websocket
