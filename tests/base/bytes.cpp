#include <drywire/base/bytes.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace drywire;

TEST_CASE("text and bytes are views of the same memory") {
  const std::string_view text("a\0b", 3);
  const const_bytes bytes = text_bytes(text);
  CHECK(bytes.size() == 3);
  CHECK(bytes[2] == std::byte{'b'});
  CHECK(as_text(bytes).data() == text.data());
  CHECK(as_text(bytes) == text);
  CHECK(as_text(const_bytes{}).empty());
  CHECK(text_bytes({}).empty());
}
