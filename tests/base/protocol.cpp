// What the concept accepts, and that it notices each member that is missing or of another shape.
#include <drywire/base/protocol.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace drywire;

namespace {

struct good {
  struct event {};
  struct command {};
  struct cursor {
    std::optional<event> next() { return std::nullopt; }
    [[nodiscard]] std::size_t consumed() const { return 0; }
    [[nodiscard]] mutable_bytes remaining() const { return {}; }
  };

  good() = default;
  good(const good&) = delete;
  void advance(now) {}
  cursor receive(mutable_bytes) { return {}; }
  void receive_eof(bool) {}
  errc apply(const command&) { return errc::ok; }
  output_view output(std::size_t) { return {}; }
  void consume_output(std::size_t) {}
  errc retain_output() { return errc::ok; }
  [[nodiscard]] instant deadline() const { return instant::never(); }
  [[nodiscard]] bool wants_input() const { return true; }
  [[nodiscard]] drywire::ending ending() const { return drywire::ending::open; }
};
static_assert(protocol<good>);

// Each hides one member of `good` by a wrong one.
struct no_event : good {
 private:
  using good::event;
};
struct no_command : good {
 private:
  using good::command;
};
struct no_cursor : good {
 private:
  using good::cursor;
};
struct no_time : good {
  void advance();
};
struct const_input : good {
  cursor receive(const_bytes) = delete;
  void receive(mutable_bytes);
};
struct eof_without_reason : good {
  void receive_eof();
};
struct throwing_wishes : good {
  void apply(const command&);
};
struct one_piece : good {
  const_bytes output(std::size_t);
};
struct deaf_output : good {
  void consume_output();
};
struct silent_retain : good {
  void retain_output();
};
struct optional_deadline : good {
  [[nodiscard]] std::optional<instant> deadline() const;
};
struct changing_deadline : good {
  instant deadline();
};
struct changing_wants : good {
  bool wants_input();
};
struct boolean_ending : good {
  [[nodiscard]] bool ending() const;
};

static_assert(!protocol<no_event> && !protocol<no_command> && !protocol<no_cursor>);
static_assert(!protocol<no_time> && !protocol<const_input> && !protocol<eof_without_reason>);
static_assert(!protocol<throwing_wishes> && !protocol<one_piece> && !protocol<deaf_output>);
static_assert(!protocol<silent_retain> && !protocol<optional_deadline>);
static_assert(!protocol<changing_deadline> && !protocol<changing_wants>);
static_assert(!protocol<boolean_ending>);

// A machine is immovable: its cursor and its output point into it.
struct movable : good {
  movable() = default;
  movable(movable&&) noexcept {}
  movable& operator=(movable&&) noexcept { return *this; }
};
static_assert(!protocol<movable>);

struct pushing_cursor : good::cursor {
  void next();
};
struct const_remaining : good::cursor {
  [[nodiscard]] const_bytes remaining() const;
};
struct changing_consumed : good::cursor {
  std::size_t consumed();
};
static_assert(event_cursor<good::cursor, good::event>);
static_assert(!event_cursor<good::cursor, int>);
static_assert(!event_cursor<pushing_cursor, good::event>);
static_assert(!event_cursor<const_remaining, good::event>);
static_assert(!event_cursor<changing_consumed, good::event>);

}  // namespace

TEST_CASE("an output view is empty without bytes and fin") {
  CHECK(output_view{}.empty());
  CHECK(!output_view{{}, true}.empty());
  const const_bytes pieces[] = {text_bytes("one"), text_bytes("three")};
  const output_view view{pieces};
  CHECK(!view.empty());
  CHECK(view.size() == 8);
}
