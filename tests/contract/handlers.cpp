// Handlers that close, switch and die within their own callbacks.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>

#include <memory>

CONTRACT_LIST(handler_cases)

using namespace drywire;
using namespace drywire::contract;

CONTRACT_CASE("close inside own on_data: nothing but on_closed follows") {
  auto [server, peer] = on.join_peer();
  server.then_data = [&s = server](lent_buffer& lent) {
    s.close();
    CHECK_FALSE(s.ended());
    CHECK(as_text(lent.bytes()) == "stop");  // the bytes live until on_data returns
  };
  peer.write("stop");
  on.run_until([&, &s = server, &p = peer] {
    p.read();
    if (p.eof) p.close();
    return s.ended();
  });
  CHECK(server.order == "dc");
  CHECK(server.reason == error());
}

CONTRACT_CASE("abort inside own on_data: nothing but on_closed follows") {
  auto [server, peer] = on.join_peer();
  server.then_data = [&s = server](lent_buffer&) { s.abort(); };
  peer.write("stop");
  peer.fin();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "dc");
  CHECK(server.reason == error());
}

CONTRACT_CASE("close inside on_eof, on_open and on_writable") {
  auto [server, peer] = on.join_peer();
  server.then_eof = [&s = server] { s.close(); };
  peer.fin();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "ec");

  const raw_listener listening;
  recording_handler& opening = on.connect(listening.local());
  opening.then_open = [&] { opening.abort(); };
  recording_handler& writing = on.connect(listening.local());
  CHECK(writing.write("x") == 0);
  writing.then_writable = [&] { writing.abort(); };
  on.run_until([&] { return opening.ended() && writing.ended(); });
  CHECK(opening.order == "oc");
  CHECK(writing.order == "owc");
}

CONTRACT_CASE("closing another ready stream inside on_data silences it") {
  auto [first, first_peer] = on.join_peer();
  auto [second, second_peer] = on.join_peer();
  // Both are ready in one wait: whichever comes first ends the other.
  first.then_data = [&s = second](lent_buffer&) { s.abort(); };
  second.then_data = [&f = first](lent_buffer&) { f.abort(); };
  first_peer.write("a");
  second_peer.write("b");
  on.run_until([&, &f = first, &s = second] { return f.ended() || s.ended(); });
  on.turn();
  CHECK(first.received + second.received == 1);
  CHECK(first.closes + second.closes == 1);
}

CONTRACT_CASE("a descriptor's number used again within a batch confuses nobody") {
  recording_listener& listening = on.listen();
  auto [first, first_peer] = on.join_peer();
  auto [second, second_peer] = on.join_peer();
  recording_handler* third = nullptr;
  const auto swap = [&](recording_handler& victim) {
    victim.abort();
    third = &on.connect(listening.where);
  };
  first.then_data = [&, &s = second](lent_buffer&) { swap(s); };
  second.then_data = [&, &f = first](lent_buffer&) { swap(f); };
  first_peer.write("a");
  second_peer.write("b");
  on.run_until([&] { return third != nullptr && third->opens == 1; });
  on.turn();
  CHECK(first.received + second.received == 1);
  CHECK(third->order == "o");
}

CONTRACT_CASE("a handler that switches the stream to another and dies in its callback") {
  struct dying final : stream_handler {
    explicit dying(stream_handler& next) : next_(next) {}
    void on_data(stream& s, lent_buffer&) noexcept override {
      s.set_handler(next_);
      delete this;
    }
    void on_eof(stream&) noexcept override {}
    void on_closed(stream&, error) noexcept override {}
    stream_handler& next_;
  };
  auto [server, peer] = on.join_peer();
  server.to->set_handler(*new dying(server));
  peer.write("for the first");
  on.turn();
  CHECK(server.order.empty());
  peer.write("for the second");
  on.run_until([&, &s = server] { return s.received != 0; });
  CHECK(server.text == "for the second");
}

CONTRACT_CASE("a handler destroyed in on_closed") {
  struct dying final : stream_handler {
    explicit dying(int& deaths) : deaths_(deaths) {}
    ~dying() { ++deaths_; }
    void on_data(stream&, lent_buffer&) noexcept override {}
    void on_eof(stream& s) noexcept override { s.close(seconds(5)); }
    void on_closed(stream&, error) noexcept override { delete this; }
    int& deaths_;
  };
  int deaths = 0;
  auto [server, peer] = on.join_peer();
  server.to->set_handler(*new dying(deaths));
  server.to = nullptr;
  peer.close();
  on.run_until([&] { return deaths == 1; });
  on.turn();
  CHECK(deaths == 1);
}

CONTRACT_CASE("a handler switched mid-stream gets what follows, and the end") {
  auto [server, peer] = on.join_peer();
  recording_handler& second = on.handler();
  server.then_data = [&, &s = server](lent_buffer&) {
    second.to = s.to;
    s.to->set_handler(second);
    s.to = nullptr;
  };
  peer.write("one");
  on.run_until([&, &s = server] { return s.received == 3; });
  peer.write("two");
  peer.fin();
  on.run_until([&] { return second.eofs == 1; });
  second.close();
  peer.close();
  on.run_until([&] { return second.ended(); });
  CHECK(server.order == "d");
  CHECK(second.text == "two");
  CHECK(second.order == "dec");
}

CONTRACT_CASE("a handler switched between close and on_closed: the new one is told") {
  auto [server, peer] = on.join_peer();
  recording_handler& second = on.handler();
  server.abort();
  server.to->set_handler(second);
  server.to = nullptr;
  on.run_until([&] { return second.ended(); });
  CHECK(server.order.empty());
  CHECK(second.order == "c");
}

CONTRACT_CASE("a stream with the ignoring handler runs to its end") {
  auto [server, peer] = on.join_peer();
  server.to->set_handler(stream::ignoring_handler());
  server.to->close(seconds(5));
  server.to = nullptr;
  on.run_until([&, &p = peer] {
    p.read();
    return p.ended();
  });
  CHECK(peer.eof);
  CHECK(server.order.empty());
}

CONTRACT_CASE("closing a stream from a timer") {
  auto [server, peer] = on.join_peer();
  called_timer timer([&s = server] {
    s.close();
    CHECK_FALSE(s.ended());
  });
  on.core().arm(timer, on.loop().time().steady);
  on.run_until([&, &s = server, &p = peer] {
    p.read();
    if (p.eof) p.close();
    return s.ended();
  });
  CHECK(server.order == "c");
  CHECK(server.reason == error());
}

CONTRACT_CASE("a stream opened inside on_closed of another") {
  recording_listener& listening = on.listen();
  recording_handler& first = on.connect(listening.where);
  recording_handler* second = nullptr;
  first.then_closed = [&] { second = &on.connect(listening.where); };
  on.run_until([&] { return first.opens == 1; });
  first.abort();
  on.run_until([&] { return second != nullptr && second->opens == 1; });
  CHECK(first.order == "oc");
}
