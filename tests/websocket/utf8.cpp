#include <drywire/websocket/utf8.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>

using namespace drywire;
using namespace drywire::websocket;

TEST_CASE("what is UTF-8, and what isn't, RFC 3629") {
  for (const std::string_view text :
       {"", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "k\xc3\xb6\xc3\xb1 \xe2\x82\xac"}) {
    CHECK(is_utf8(text_bytes(text)));
  }
  for (const std::string_view text :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc2", "\xc2 ", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
        "\xe2\x82", "a\xe2\x82\xac\xac"}) {
    CHECK_FALSE(is_utf8(text_bytes(text)));
  }
}

TEST_CASE("a text is refused with the first byte that can't be there") {
  utf8_validator validator;
  CHECK(validator.feed(text_bytes("eleven bytes and \xf4")));
  CHECK_FALSE(validator.complete());
  CHECK_FALSE(validator.feed(text_bytes("\x90")));
  CHECK_FALSE(validator.feed(text_bytes("\x80\x80")));
  CHECK_FALSE(validator.feed({}));
  CHECK_FALSE(validator.complete());
  validator.reset();
  CHECK(validator.feed(text_bytes("\xf4\x8f\xbf")));
  CHECK_FALSE(validator.complete());
  CHECK(validator.feed(text_bytes("\xbf")));
  CHECK(validator.complete());
}
