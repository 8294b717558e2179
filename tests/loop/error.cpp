#include <drywire/loop/error.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cerrno>
#include <system_error>

using namespace drywire;

TEST_CASE("an error has the symbol and the words of its code") {
  CHECK(error().name() == "ok");
  CHECK(error().message() == "no error");
  CHECK(error(ECONNRESET).name() == "ECONNRESET");
  CHECK(error(ECONNRESET).message() == "Connection reset by peer");
  CHECK(error(EAGAIN).name() == "EAGAIN");
  CHECK(error(123456).name() == "unnamed error");
  CHECK(error(123456).message() == "unknown error");
}

TEST_CASE("an error is true when there is one, and equals the std::errc of its meaning") {
  CHECK_FALSE(error());
  CHECK(error(EPIPE));
  CHECK(error(EPIPE) == error(EPIPE));
  CHECK(error(EPIPE) != error(EIO));
  CHECK(error(EADDRINUSE) == std::errc::address_in_use);
  CHECK(error(EADDRINUSE) != std::errc::address_not_available);
}

TEST_CASE("a result is a value or an error") {
  const result<int> value = 3;
  REQUIRE(value);
  CHECK(*value == 3);
  CHECK_FALSE(value.error());
  const result<int> none = error(EMFILE);
  CHECK_FALSE(none);
  CHECK(none.error() == error(EMFILE));
}
