#include "http1_grammar.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace drywire::http1;
using namespace drywire::http1::grammar;

namespace {

std::vector<std::string> elements(std::string_view list) {
  std::vector<std::string> all;
  for (auto e = take_list_element(list); !e.empty(); e = take_list_element(list)) {
    all.emplace_back(e);
  }
  return all;
}

}  // namespace

TEST_CASE("a token is of the characters of RFC 9110 5.6.2 and not empty") {
  std::string all;
  for (int c = 0; c < 256; ++c) {
    if (is_token(std::string(1, static_cast<char>(c)))) all += static_cast<char>(c);
  }
  CHECK(all == "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  CHECK(!is_token(""));
  CHECK(!is_token("a b"));
}

TEST_CASE("field text has no controls but HTAB") {
  for (int c = 0; c < 256; ++c) {
    const bool fine = c == '\t' || (c >= 0x20 && c != 0x7f);
    CHECK(is_field_text(std::string(1, static_cast<char>(c))) == fine);
  }
  CHECK(is_field_text(""));
}

TEST_CASE("a list skips empty elements and trims the others") {
  CHECK(elements("a, b ,\tc") == std::vector<std::string>{"a", "b", "c"});
  CHECK(elements(",, a,,") == std::vector<std::string>{"a"});
  CHECK(elements(" , ").empty());
  CHECK(elements("").empty());
}

TEST_CASE("decimal numbers have digits and no more than 64 bits") {
  CHECK(parse_decimal("0") == 0U);
  CHECK(parse_decimal("18446744073709551615") == 18446744073709551615U);
  CHECK(!parse_decimal("18446744073709551616"));
  CHECK(!parse_decimal("18446744073709551620"));
  CHECK(!parse_decimal(""));
  CHECK(!parse_decimal("1 "));
  CHECK(!parse_decimal("+1"));
}

TEST_CASE("hosts") {
  for (const char* fine : {"", "a", "a:", "a:0", "a:65535", "1.2.3.4", "[::1]", "[::1]:80",
                           "[v1.a]", "a%2fb", "_x-y~z", "a;b=c"}) {
    INFO(fine);
    CHECK(is_host(fine));
  }
  for (const char* bad : {"a:65536", "a:b", "a:1:2", "[]", "[", "[::1", "[::1]x", "[::1]:x",
                          "[%25]", "a%", "a%2", "a%gg", "a/b", "a?b", "a@b", "a b", "a#"}) {
    INFO(bad);
    CHECK(!is_host(bad));
  }
}

TEST_CASE("targets take the form of their method") {
  CHECK(parse_target("GET", "/a")->form == target_form::origin);
  CHECK(parse_target("OPTIONS", "*")->form == target_form::asterisk);
  CHECK(parse_target("CONNECT", "a:1")->form == target_form::authority);
  CHECK(parse_target("CONNECT", "[::1]:1")->authority == "[::1]:1");
  CHECK(parse_target("GET", "http://a:1/b")->authority == "a:1");
  CHECK(parse_target("GET", "http://a?b")->authority == "a");
  for (const char* bad : {"", "*", "a", "a:1", "://a/", "1a://b/", "h_t://b/", "http:///",
                          "http://:1/", "http://a@b/", "/#", "/ "}) {
    INFO(bad);
    CHECK(!parse_target("GET", bad));
  }
  for (const char* bad : {"/", "a", "a:", ":1", "[::1]", "http://a:1", "*"}) {
    INFO(bad);
    CHECK(!parse_target("CONNECT", bad));
  }
}

TEST_CASE("codings are one chunked, or refused") {
  const auto verdict = [](std::initializer_list<std::string_view> fields) {
    coding_list list;
    for (const std::string_view f : fields) list.add(f);
    return list.verdict();
  };
  CHECK(!verdict({"chunked"}));
  CHECK(!verdict({" , Chunked"}));
  CHECK(verdict({"gzip, chunked"}) == fault::unknown_transfer_coding);
  CHECK(verdict({"gzip", "chunked"}) == fault::unknown_transfer_coding);
  CHECK(verdict({"chunked", "chunked"}) == fault::invalid_transfer_encoding);
  CHECK(verdict({"chunked, gzip"}) == fault::invalid_transfer_encoding);
  CHECK(verdict({"gzip"}) == fault::invalid_transfer_encoding);
  CHECK(verdict({""}) == fault::invalid_transfer_encoding);
  CHECK(verdict({"@, chunked"}) == fault::invalid_transfer_encoding);
}

TEST_CASE("names compare without case, and without any other change") {
  CHECK(equal_ignoring_case("Content-Length", "cONTENT-lENGTH"));
  CHECK(!equal_ignoring_case("a", "ab"));
  CHECK(!equal_ignoring_case("[", "{"));
  CHECK(!equal_ignoring_case("@", "`"));
}
