#include "decode_websocket.hpp"

#include "failure.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace drywire;
using namespace drywire::tools;
using namespace std::string_view_literals;

struct decoded {
  int status;
  std::string output;
  std::string errors;
};

std::string rest_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  for (int c = 0; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
  return text;
}

decoded decode(std::string_view bytes, messages kind, const std::string& extensions = {},
               bool json = false) {
  using file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  const file in(std::tmpfile(), &std::fclose);
  const file out(std::tmpfile(), &std::fclose);
  const file errors(std::tmpfile(), &std::fclose);
  REQUIRE((in && out && errors));
  std::fwrite(bytes.data(), 1, bytes.size(), in.get());
  std::rewind(in.get());
  const int status = decode_websocket(in.get(), "bytes", kind, parse_extensions(extensions), json,
                                      out.get(), errors.get());
  return {status, rest_of(out.get()), rest_of(errors.get())};
}

// "Hello", masked, RFC 6455 5.7.
constexpr auto hello = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"sv;

TEST_CASE("decode websocket shows frames, their masks, and what they say") {
  const decoded d = decode(hello, messages::requests);
  CHECK(d.status == 0);
  CHECK(d.errors == "");
  CHECK(d.output ==
        "frame opcode=\"text\" fin=\"1\" mask=\"37fa213d\" length=\"5\"\n"
        "text\nbytes \"Hello\"\nmessage end\n");
}

TEST_CASE("decode websocket shows fragments, control frames between them, and close codes") {
  const decoded d = decode(
      "\x01\x03Hel\x89\x02hi\x80\x02lo\x88\x06\x0f\xa1"
      "gone"sv,
      messages::responses);
  CHECK(d.status == 0);
  CHECK(d.output ==
        "frame opcode=\"text\" fin=\"0\" length=\"3\"\n"
        "text\nbytes \"Hel\"\n"
        "frame opcode=\"ping\" fin=\"1\" length=\"2\"\n"
        "ping payload=\"hi\"\n"
        "frame opcode=\"continuation\" fin=\"1\" length=\"2\"\n"
        "bytes \"lo\"\nmessage end\n"
        "frame opcode=\"close\" fin=\"1\" length=\"6\"\n"
        "closed code=\"4001\" reason=\"gone\"\n");
}

// RFC 7692 7.2.3.1 and 7.2.3.2: the second message refers to the first.
TEST_CASE("decode websocket inflates by what was agreed on") {
  constexpr auto bytes =
      "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"
      "\xc1\x05\xf2\x00\x11\x00\x00"sv;
  const decoded d = decode(bytes, messages::responses, "permessage-deflate");
  CHECK(d.status == 0);
  const std::string message = "text\nbytes \"Hello\"\nmessage end\n";
  CHECK(d.output == "frame opcode=\"text\" fin=\"1\" compressed=\"1\" length=\"7\"\n" + message +
                        "frame opcode=\"text\" fin=\"1\" compressed=\"1\" length=\"5\"\n" +
                        message);
  const decoded forgetful =
      decode(bytes, messages::responses, "permessage-deflate; server_no_context_takeover");
  CHECK(forgetful.status == 1);
  CHECK(forgetful.errors == "bytes:16: invalid deflate (RFC 7692 7.2.2)\n");
  const decoded plain = decode(bytes, messages::responses);
  CHECK(plain.output == "peer error what=\"reserved bits\"\nnot read bytes=\"15\"\n");
  CHECK(plain.errors == "bytes:1: reserved bits (RFC 6455 5.2)\n");
}

TEST_CASE("decode websocket says where a rule was broken, and what it didn't read") {
  const decoded unmasked = decode("\x81\x05Hello"sv, messages::requests);
  CHECK(unmasked.status == 1);
  CHECK(unmasked.output.starts_with("peer error what=\"unmasked frame\"\n"));
  const decoded masked = decode(hello, messages::responses);
  CHECK(masked.status == 1);
  CHECK(masked.output.starts_with("peer error what=\"masked frame\"\n"));
  const decoded cut = decode(hello.substr(0, 9), messages::requests);
  CHECK(cut.status == 1);
  CHECK(cut.output.ends_with("\npeer error what=\"connection lost\"\n"));
  const decoded behind = decode("\x88\x00\x81\x01x"sv, messages::responses);
  CHECK(behind.status == 0);
  CHECK(behind.output.ends_with("closed code=\"1005\" reason=\"\"\nnot read bytes=\"3\"\n"));
}

TEST_CASE("decode websocket writes JSON") {
  CHECK(decode("\x82\x02\x00\xff"sv, messages::responses, {}, true).output ==
        R"({"event":"frame","details":[["opcode","binary"],["fin","1"],["length","2"]]})"
        "\n{\"event\":\"binary\"}\n{\"event\":\"bytes\",\"bytes\":\"\\u0000\\u00ff\"}\n"
        "{\"event\":\"message end\"}\n");
}

TEST_CASE("extensions are those of RFC 7692, or none") {
  CHECK_FALSE(parse_extensions(""));
  const auto all =
      parse_extensions("permessage-deflate; server_no_context_takeover; client_max_window_bits=9");
  REQUIRE(all);
  CHECK(all->server_no_context_takeover);
  CHECK(all->client_window_bits == 9);
  CHECK_THROWS_AS(parse_extensions("deflate"), failure);
  CHECK_THROWS_AS(parse_extensions("permessage-deflate; level=3"), failure);
}

}  // namespace
