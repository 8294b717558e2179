#include <drywire/base/errc.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace drywire;

static_assert(errc{} == errc::ok, "a value that nobody set is no error");

TEST_CASE("every errc has words of its own") {
  std::set<std::string_view> words;
  for (const errc e : {errc::ok, errc::out_of_turn, errc::invalid_argument, errc::would_exceed,
                       errc::no_memory, errc::connection_gone, errc::operation_not_supported}) {
    CHECK(to_string(e) != "unknown");
    words.insert(to_string(e));
  }
  CHECK(words.size() == 7);
  CHECK(to_string(static_cast<errc>(200)) == "unknown");
}
