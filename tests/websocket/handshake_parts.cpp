// The small parts of the handshake: SHA-1, base64, and the grammar of extensions.
#include <drywire/testkit/random.hpp>

#include <base64.hpp>
#include <catch2/catch_test_macros.hpp>
#include <extension_reader.hpp>
#include <sha1.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace drywire;

std::string hex(const websocket::sha1_digest& digest) {
  std::string text;
  for (const std::byte b : digest) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(b) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

std::string sha1_of(std::string_view text) { return hex(websocket::sha1(text_bytes(text))); }

TEST_CASE("SHA-1 of the messages that its standard has as examples") {
  CHECK(sha1_of("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(sha1_of("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(sha1_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(sha1_of(std::string(1'000'000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

// The digests of "", "a", "aa" ... one behind the other, digested: any length that is padded wrong
// changes it. The sum is Python's hashlib's.
TEST_CASE("SHA-1 of every length around its blocks") {
  std::string all;
  for (std::size_t n = 0; n < 200; ++n) all += sha1_of(std::string(n, 'a'));
  CHECK(sha1_of(all) == "cb062fe66512892ec8c722ee74ff9ac151cc4b61");
}

std::string base64(std::string_view text) {
  std::string to(websocket::base64_size(text.size()), '?');
  websocket::write_base64(text_bytes(text), to.data());
  return to;
}

TEST_CASE("base64 of the examples in RFC 4648 10") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xfb\xff\xfe") == "+//+");
}

TEST_CASE("base64 is known by its length, its alphabet and its padding") {
  testkit::random random(1);
  for (std::size_t n = 0; n < 70; ++n) {
    std::string bytes(n, '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    CAPTURE(n);
    CHECK(websocket::is_base64_of(n, base64(bytes)));
    CHECK_FALSE(websocket::is_base64_of(n + 1, base64(bytes)));
  }
  CHECK(websocket::is_base64_of(16, "dGhlIHNhbXBsZSBub25jZQ=="));
  CHECK(websocket::is_base64_of(16, "AQIDBAUGBwgJCgsMDQ4PEC=="));  // spare bits, RFC 6455 4.1
  CHECK_FALSE(websocket::is_base64_of(16, "dGhlIHNhbXBsZSBub25jZQ="));
  CHECK_FALSE(websocket::is_base64_of(16, "dGhlIHNhbXBsZSBub25jZQ"));
  CHECK_FALSE(websocket::is_base64_of(16, "dGhlIHNhbXBsZSBub25jZQAA"));
  CHECK_FALSE(websocket::is_base64_of(16, "dGhlIHNhbXBsZSBub25jZ==="));
  CHECK_FALSE(websocket::is_base64_of(16, "dGhlIHNhbXBsZSBub25jZQ=A"));
  CHECK_FALSE(websocket::is_base64_of(16, "dGhlIHNhbXBs-SBub25jZQ=="));
  CHECK_FALSE(websocket::is_base64_of(16, "dGhlIHNhbXBs SBub25jZQ=="));
  CHECK_FALSE(websocket::is_base64_of(16, ""));
}

// "a;b=1;c, d" as it was read; "!" behind it if the rest is none.
std::string read(std::string_view value) {
  websocket::extension_reader reader(value);
  std::string told;
  for (auto name = reader.next_extension(); !name.empty(); name = reader.next_extension()) {
    told.append(told.empty() ? "" : ", ").append(name);
    while (const auto param = reader.next_param()) {
      told.append(";").append(param->name);
      if (param->has_value) told.append("=").append(param->value);
    }
  }
  return told + (reader.malformed() ? "!" : "");
}

struct reading {
  std::string_view value;
  std::string_view told;
};

TEST_CASE("extensions are a list of tokens with parameters", "[rfc6455-4.3a][rfc6455-9.1b]") {
  for (const auto& [value, told] : std::vector<reading>{
           {"foo", "foo"},
           {"foo, bar; baz=2", "foo, bar;baz=2"},
           {"deflate-stream", "deflate-stream"},
           {"mux; max-channels=4; flow-control, deflate-stream",
            "mux;max-channels=4;flow-control, deflate-stream"},
           {"private-extension", "private-extension"},
           {" foo ;\ta = 1 ; b\t,bar ", "foo;a=1;b, bar"},
           {"foo;a;a", "foo;a;a"},
           {"foo;a=\"1\"", "foo;a=1"},
           {"foo; a = \"x\" , bar", "foo;a=x, bar"},
           {"foo;a=\"\\1\\0\"", "foo;a=\\1\\0"},
           {"", ""},
           {",", ""},
           {", ,foo,, bar,", "foo, bar"},
       }) {
    CAPTURE(value);
    CHECK(read(value) == told);
  }
}

TEST_CASE("what breaks the grammar of extensions is seen, and nothing behind it is read",
          "[rfc6455-4.3a][rfc6455-9.1b]") {
  for (const auto& [value, told] : std::vector<reading>{
           {";", "!"},
           {";a", "!"},
           {"=", "!"},
           {"\"foo\"", "!"},
           {"foo bar", "foo!"},
           {"foo;", "foo!"},
           {"foo; ,bar", "foo!"},
           {"foo;;a", "foo!"},
           {"foo;a=", "foo!"},
           {"foo;a=,bar", "foo!"},
           {"foo;=1", "foo!"},
           {"foo;a=1=2, bar", "foo;a=1!"},
           {"foo;a=1 2", "foo;a=1!"},
           {"foo=1", "foo!"},
           {"foo;a=\"\"", "foo!"},
           {"foo;a=\"", "foo!"},
           {"foo;a=\"1", "foo!"},
           {"foo;a=\"1\\", "foo!"},
           {"foo;a=\"1\\\"", "foo!"},
           {"foo;a=\"1 2\"", "foo!"},
           {"foo;a=\"1,2\"", "foo!"},
           {"foo;a=\"\\\\\"", "foo!"},
           {"foo;a=\"1\"2", "foo;a=1!"},
           {"foo, b\xc3\xa4r", "foo, b!"},
           {"foo/1", "foo!"},
           {"foo,\x01", "foo!"},
       }) {
    CAPTURE(value);
    CHECK(read(value) == told);
  }
}

TEST_CASE("an extension whose parameters aren't asked for is skipped, and still checked") {
  websocket::extension_reader good("foo;a=1;b, bar;c");
  CHECK(good.next_extension() == "foo");
  CHECK(good.next_extension() == "bar");
  CHECK(good.next_extension().empty());
  CHECK_FALSE(good.malformed());
  websocket::extension_reader bad("foo;a=, bar");
  CHECK(bad.next_extension() == "foo");
  CHECK(bad.next_extension().empty());
  CHECK(bad.malformed());
  CHECK_FALSE(bad.next_param());
}

}  // namespace
