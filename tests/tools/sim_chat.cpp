// `drywire sim --client chat`: as long as a connection lives, every message arrives once and in
// order; one that is lost, repeated or late is caught, also where no other follows.
#include "broken_calls.hpp"

#include <drywire/websocket/frame.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <map>
#include <string>

using namespace drywire;
using namespace drywire::tests;
using namespace drywire::tools;

namespace {

simulation_options chat(std::uint64_t seed, sim::fault_set faults = {}, std::size_t clients = 10) {
  return {
      .clients = clients, .hours = 0.5, .seed = seed, .faults = faults, .client = user_kind::chat};
}

std::string joined(std::span<const const_bytes> pieces) {
  std::string all;
  for (const const_bytes piece : pieces) all += as_text(piece);
  return all;
}

// Just one message, in one frame, to which no compressed one can refer.
bool is_message(std::string_view bytes, bool masked) {
  websocket::frame_header header;
  const auto reading =
      websocket::read_header(text_bytes(bytes), {.masked = masked, .compression = true}, header);
  return !reading.wrong && reading.size != 0 && header.fin && !header.compressed &&
         header.opcode == websocket::opcode::text && reading.size + header.length == bytes.size();
}

// Breaks one message of ten that the server sends alone.
class message_calls : public passing_calls {
 public:
  using passing_calls::passing_calls;

  result<std::size_t> send(int fd, std::span<const const_bytes> pieces) noexcept override {
    const std::string bytes = joined(pieces);
    if (!is_message(bytes, false) || ++messages_ % 10 != 0) return pass(fd, pieces);
    return send_broken(fd, bytes);
  }

 protected:
  ~message_calls() = default;
  virtual result<std::size_t> send_broken(int fd, const std::string& message) noexcept = 0;
  virtual result<std::size_t> pass(int fd, std::span<const const_bytes> pieces) noexcept {
    return passing_calls::send(fd, pieces);
  }
  result<std::size_t> pass(int fd, const std::string& bytes) noexcept {
    const const_bytes piece = text_bytes(bytes);
    return passing_calls::send(fd, {&piece, 1});
  }

 private:
  unsigned messages_ = 0;
};

class forgetful_calls final : public message_calls {
 public:
  using message_calls::message_calls;

 private:
  result<std::size_t> send_broken(int, const std::string& message) noexcept override {
    return message.size();
  }
};

class stuttering_calls final : public message_calls {
 public:
  using message_calls::message_calls;

 private:
  result<std::size_t> send_broken(int fd, const std::string& message) noexcept override {
    static_cast<void>(message_calls::pass(fd, message));
    return message_calls::pass(fd, message);
  }
};

// Sends a message behind the next one.
class tardy_calls final : public message_calls {
 public:
  using message_calls::message_calls;

 private:
  result<std::size_t> send_broken(int fd, const std::string& message) noexcept override {
    late_[fd] += message;
    return message.size();
  }
  result<std::size_t> pass(int fd, std::span<const const_bytes> pieces) noexcept override {
    const auto taken = passing_calls::send(fd, pieces);
    if (!is_message(joined(pieces), false) || late_[fd].empty()) return taken;
    static_cast<void>(message_calls::pass(fd, late_[fd]));
    late_.erase(fd);
    return taken;
  }
  void close(int fd) noexcept override {
    late_.erase(fd);
    passing_calls::close(fd);
  }

  std::map<int, std::string> late_;
};

// What is left of whole frames when the messages among them are taken out.
std::string without_messages(std::string_view bytes) {
  std::string left;
  while (!bytes.empty()) {
    websocket::frame_header header;
    const auto reading = websocket::read_header(text_bytes(bytes), {.compression = true}, header);
    const std::size_t size = reading.size + header.length;
    if (header.control()) left += bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
  return left;
}

// Behind its third send with a message a connection is told nothing but pings and goodbyes.
class falling_silent_calls final : public passing_calls {
 public:
  using passing_calls::passing_calls;

  result<std::size_t> send(int fd, std::span<const const_bytes> pieces) noexcept override {
    const std::string bytes = joined(pieces);
    if (bytes.starts_with("HTTP")) return passing_calls::send(fd, pieces);
    const std::string controls = without_messages(bytes);
    if (controls.size() == bytes.size() || ++sends_[fd] <= 3) {
      return passing_calls::send(fd, pieces);
    }
    const const_bytes piece = text_bytes(controls);
    if (!piece.empty()) static_cast<void>(passing_calls::send(fd, {&piece, 1}));
    return bytes.size();
  }
  void close(int fd) noexcept override {
    sends_.erase(fd);
    passing_calls::close(fd);
  }

 private:
  std::map<int, unsigned> sends_;
};

// Doesn't hear one message of five.
class deaf_calls final : public passing_calls {
 public:
  using passing_calls::passing_calls;

  result<std::size_t> receive(int fd, mutable_bytes into) noexcept override {
    const auto got = passing_calls::receive(fd, into);
    if (!got || !is_message(as_text(into.first(*got)), true) || ++messages_ % 5 != 0) return got;
    return passing_calls::receive(fd, into);
  }

 private:
  unsigned messages_ = 0;
};

template <class Calls>
std::string caught() {
  const simulation_options options = chat(1);
  const outcome broken = run_broken<Calls>(options);
  CHECK(broken == run_broken<Calls>(options));
  return broken.violation;
}

bool says(const std::string& all, std::string_view part) {
  UNSCOPED_INFO(all);
  return all.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("chat: the same seed gives the same trace, and much is said") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (const sim::fault_set faults : {sim::fault_set(), sim::fault_set::all()}) {
      const outcome once = run(chat(seed, faults, 30));
      CHECK(once == run(chat(seed, faults, 30)));
      CHECK(once.violation == "");
      CHECK(once.replies > 1000);
    }
  }
}

TEST_CASE("chat: without faults every connection ends as its client wants it to") {
  for (std::uint64_t seed = 1; seed != 101; ++seed) {
    CAPTURE(seed);
    CHECK(run(chat(seed)).violation == "");
  }
}

TEST_CASE("chat: each fault alone loses no message on a connection that lives") {
  for (const sim::named_fault& each : sim::named_faults()) {
    for (std::uint64_t seed = 1; seed != 21; ++seed) {
      CAPTURE(each.name, seed);
      CHECK(run(chat(seed, each.what)).violation == "");
    }
  }
}

TEST_CASE("chat: nor do all faults together") {
  for (std::uint64_t seed = 1; seed != 301; ++seed) {
    CAPTURE(seed);
    CHECK(run(chat(seed, sim::fault_set::all())).violation == "");
  }
}

TEST_CASE("chat: a message that is lost, repeated or late is caught") {
  CHECK(says(caught<forgetful_calls>(), "is told message"));
  CHECK(says(caught<stuttering_calls>(), "is told message"));
  CHECK(says(caught<tardy_calls>(), "is told message"));
  CHECK(says(caught<deaf_calls>(), "heard"));
}

TEST_CASE("chat: messages that are lost with none behind them are caught") {
  const std::string seen = caught<falling_silent_calls>();
  CHECK(says(seen, "was told"));
  CHECK(says(seen, "arrived"));
}
