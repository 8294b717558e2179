#include <drywire/websocket/websocket.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string_view>

using namespace drywire;
using websocket::fault;

TEST_CASE("websocket: each fault has a name of its own, a section, and a code that may be sent") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < websocket::fault_count; ++i) {
    const auto what = static_cast<fault>(i);
    CAPTURE(to_string(what));
    CHECK(names.insert(to_string(what)).second);
    CHECK(rfc_section(what).starts_with("RFC "));
    const std::uint16_t code = close_code_of(what);
    CHECK((code == 0 || websocket::may_be_sent(code)));
  }
}

TEST_CASE("websocket: what a Close may carry", "[rfc6455-7.4.2]") {
  for (unsigned code = 0; code < 65536; ++code) {
    const bool may = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                     (code >= 3000 && code <= 4999);
    if (websocket::may_be_sent(static_cast<std::uint16_t>(code)) != may) FAIL(code);
  }
}
