// A datagram socket that keeps what it is told, and notices what no socket may tell.
#pragma once

#include <drywire/contract/fixture.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire::contract {

struct letter {
  std::string text;
  endpoint from;
  bool truncated;
};

class post_box final : public datagram_handler {
 public:
  explicit post_box(fixture& on, const endpoint& where = endpoint::loopback_v4(0),
                    const datagram_options& options = {})
      : on_(on) {
    const auto bound = on.loop().bind_datagram(where, *this, options);
    INFO("bind to " << where.to_string() << ": " << bound.error().name());
    REQUIRE(bound);
    to = *bound;
    address = to->local();
  }
  post_box(const post_box&) = delete;
  post_box& operator=(const post_box&) = delete;
  ~post_box() {
    then_datagram = nullptr;
    then_writable = nullptr;
    if (to != nullptr) close();
    for (int i = 0; i != 1000 && to != nullptr; ++i) on_.turn(1);
    CHECK(closes == 1);
    for (const std::string& violation : violations) FAIL_CHECK(violation);
  }

  error send(std::string_view text, const endpoint& receiver) {
    const const_bytes bytes = text_bytes(text);
    return send({&bytes, 1}, receiver);
  }
  error send(std::span<const const_bytes> pieces, const endpoint& receiver) {
    ++calls_;
    const error failure = to->send_to(pieces, receiver);
    --calls_;
    return failure;
  }
  void close() {
    closing_ = true;
    ++calls_;
    to->close();
    --calls_;
  }
  void pause() {
    paused_ = true;
    to->pause_reading();
  }
  void resume() {
    paused_ = false;
    ++calls_;
    to->resume_reading();
    --calls_;
  }
  [[nodiscard]] std::string all_text() const {
    std::string all;
    for (const letter& l : letters) all += l.text;
    return all;
  }

  datagram_socket* to = nullptr;  // null once it is closed
  endpoint address;
  std::vector<letter> letters;
  std::vector<undelivered_datagram> returned;
  int writables = 0;
  int closes = 0;
  error reason;
  std::vector<std::string> violations;
  std::function<void(lent_buffer&)> then_datagram;
  std::function<void()> then_writable;

 private:
  void on_datagram(datagram_socket& s, lent_buffer& lent, const endpoint& from,
                   bool truncated) noexcept override {
    told(s, "on_datagram");
    if (paused_) violations.emplace_back("on_datagram: while paused");
    letters.push_back({std::string(as_text(lent.bytes())), from, truncated});
    if (then_datagram) then_datagram(lent);
  }
  void on_writable(datagram_socket& s) noexcept override {
    told(s, "on_writable");
    ++writables;
    if (then_writable) then_writable();
  }
  void on_undelivered(datagram_socket& s, error failure,
                      const endpoint& receiver) noexcept override {
    told(s, "on_undelivered");
    returned.push_back({failure, receiver});
  }
  void on_closed(datagram_socket& s, error why) noexcept override {
    const bool closing = std::exchange(closing_, false);
    told(s, "on_closed");
    closing_ = closing;
    ++closes;
    reason = why;
    to = nullptr;
  }
  void told(const datagram_socket& s, const std::string& call) {
    if (to != &s) violations.push_back(call + ": of another socket, or behind on_closed");
    if (calls_ != 0) violations.push_back(call + ": within a member of the socket");
    if (closing_) violations.push_back(call + ": behind close");
  }

  fixture& on_;
  int calls_ = 0;
  bool paused_ = false;
  bool closing_ = false;
};

// Why a socket can't be bound there.
inline error bind_error(fixture& on, const endpoint& where, const datagram_options& options = {}) {
  struct nobody final : datagram_handler {
    void on_datagram(datagram_socket&, lent_buffer&, const endpoint&, bool) noexcept override {}
    void on_closed(datagram_socket&, error) noexcept override { closed = true; }
    bool closed = false;
  } handler;
  const auto bound = on.loop().bind_datagram(where, handler, options);
  CHECK_FALSE(bound);
  on.turn();
  CHECK_FALSE(handler.closed);
  return bound.error();
}

// A datagram each way.
inline void exchange(fixture& on, const endpoint& a_where, const endpoint& b_where) {
  post_box a(on, a_where);
  post_box b(on, b_where);
  CHECK_FALSE(a.send("ping", b.address));
  on.run_until([&] { return b.letters.size() == 1; });
  CHECK(b.letters[0].text == "ping");
  CHECK(b.letters[0].from == a.address);
  CHECK_FALSE(b.letters[0].truncated);
  CHECK_FALSE(b.send("pong", b.letters[0].from));
  on.run_until([&] { return a.letters.size() == 1; });
  CHECK(a.letters[0].text == "pong");
  CHECK(a.letters[0].from == b.address);
  a.close();
  on.run_until([&] { return a.closes == 1; });
  CHECK(a.reason == error());
}

}  // namespace drywire::contract
