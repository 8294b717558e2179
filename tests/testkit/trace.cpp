#include <drywire/testkit/trace.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sstream>

using namespace drywire;

TEST_CASE("a trace joins pieces, but not across an event or another name") {
  testkit::trace trace;
  trace.event("head");
  trace.detail("method", "GET");
  trace.piece("body", text_bytes("ab"));
  trace.piece("body", text_bytes("c\r\n"));
  trace.piece("preamble", text_bytes("d"));
  trace.event("end");
  trace.piece("preamble", text_bytes(std::string_view("\0\"\\\x7f", 4)));
  std::ostringstream out;
  out << trace;
  CHECK(out.str() == R"(head method="GET"
body "abc\r\n"
preamble "d"
end
preamble "\x00\"\\\x7f"
)");
}
