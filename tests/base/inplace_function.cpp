#include <drywire/base/inplace_function.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>

using namespace drywire;

TEST_CASE("an inplace function calls what it holds") {
  int calls = 0;
  inplace_function<int(int)> twice = [&calls](int x) {
    ++calls;
    return 2 * x;
  };
  REQUIRE(twice);
  CHECK(twice(21) == 42);
  CHECK(calls == 1);
  twice.reset();
  CHECK(!twice);
}

TEST_CASE("what an inplace function holds moves with it, and is destroyed once") {
  const auto alive = std::make_shared<int>(7);
  {
    inplace_function<int()> first = [alive] { return *alive; };
    CHECK(alive.use_count() == 2);
    inplace_function<int()> second = std::move(first);
    CHECK(!first);  // NOLINT(bugprone-use-after-move): moved from means empty
    CHECK(alive.use_count() == 2);
    CHECK(second() == 7);
    inplace_function<int()> third = [alive] { return 1; };
    third = std::move(second);
    CHECK(alive.use_count() == 2);
    CHECK(third() == 7);
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("arguments pass through unharmed") {
  inplace_function<std::unique_ptr<int>(std::unique_ptr<int>, int&)> add =
      [](std::unique_ptr<int> p, int& sum) {
        sum += *p;
        return p;
      };
  int sum = 1;
  CHECK(*add(std::make_unique<int>(4), sum) == 4);
  CHECK(sum == 5);
}

TEST_CASE("an inplace function is no larger than what it may hold and one pointer") {
  STATIC_CHECK(sizeof(inplace_function<void()>) == 5 * sizeof(void*));
  STATIC_CHECK(!std::is_copy_constructible_v<inplace_function<void()>>);
  STATIC_CHECK(!std::is_constructible_v<inplace_function<void(int)>, int>);
}
