// Connecting and accepting: who is told what, when, and how often.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>
#include <drywire/contract/pattern.hpp>

#include <cerrno>

CONTRACT_LIST(connecting_cases)

using namespace drywire;
using namespace drywire::contract;

CONTRACT_CASE("echo, with every callback counted") {
  recording_listener& listening = on.listen();
  recording_handler& client = on.connect(listening.where);
  on.run_until([&] { return client.opens == 1 && listening.streams.size() == 1; });
  recording_handler& server = *listening.streams[0];
  server.then_data = [&](lent_buffer&) { CHECK(server.write("HELLO") == 5); };
  server.then_eof = [&] { server.close(); };
  CHECK(client.write("hello") == 5);
  on.run_until([&] { return client.text == "HELLO"; });
  client.shutdown();
  on.run_until([&] { return client.ended() && server.ended(); });
  on.turn();
  CHECK(client.order == "odec");
  CHECK(server.order == "dec");
  CHECK(server.text == "hello");
  CHECK(client.reason == error());
  CHECK(server.reason == error());
  CHECK(listening.streams.size() == 1);
  CHECK(listening.errors == 0);
}

CONTRACT_CASE("a refused connect is told by on_closed, never from within connect") {
  recording_handler& client = on.connect(closed_port());
  on.run_until([&] { return client.ended(); });
  CHECK(client.order == "c");
  CHECK(client.reason == error(ECONNREFUSED));
}

CONTRACT_CASE("a refused connect from inside a callback is told after it") {
  recording_handler* second = nullptr;
  recording_handler& first = on.connect(closed_port());
  first.then_closed = [&] { second = &on.connect(closed_port()); };
  on.run_until([&] { return second != nullptr && second->ended(); });
  CHECK(first.order == "c");
  CHECK(second->order == "c");
  CHECK(second->reason == error(ECONNREFUSED));
}

CONTRACT_CASE("a connect that hangs in a full backlog is aborted from a timer") {
  const full_listener full;
  recording_handler& client = on.connect(full.local());
  called_timer timeout([&] { client.abort(); });
  on.core().arm(timeout, on.loop().time().steady + milliseconds(20));
  on.run_until([&] { return client.ended(); });
  CHECK(timeout.fired == 1);
  CHECK(client.order == "c");
  CHECK(client.reason == error());
}

CONTRACT_CASE("a stream closed in the turn of its connect never opens") {
  recording_listener& listening = on.listen();
  recording_handler& client = on.connect(listening.where);
  client.close();
  CHECK_FALSE(client.ended());
  on.run_until([&] { return client.ended(); });
  on.turn();
  CHECK(client.order == "c");
  CHECK(client.reason == error());
}

CONTRACT_CASE("a write before on_open accepts nothing, and on_writable follows once") {
  recording_listener& listening = on.listen();
  recording_handler& client = on.connect(listening.where);
  CHECK(client.write("too early") == 0);
  CHECK(client.write("still") == 0);
  CHECK(client.to->queued() == 0);
  on.run_until([&] { return client.writables == 1; });
  CHECK(client.write("now") == 3);
  on.run_until([&] { return !listening.streams.empty() && listening.streams[0]->received == 3; });
  on.turn();
  CHECK(listening.streams[0]->text == "now");
  CHECK(client.order == "ow");
}

CONTRACT_CASE("a peer that sends and closes before it is accepted is heard out") {
  recording_listener& listening = on.listen();
  raw_peer peer(listening.where);
  peer.write("hello and goodbye");
  peer.close();
  on.run_until([&] { return !listening.streams.empty() && listening.streams[0]->eofs == 1; });
  CHECK(listening.streams[0]->text == "hello and goodbye");
  listening.streams[0]->close();
  on.run_until([&] { return listening.streams[0]->ended(); });
}

CONTRACT_CASE("a peer that resets before it is accepted harms nobody") {
  recording_listener& listening = on.listen();
  raw_peer first(listening.where);
  first.reset();
  const raw_peer second(listening.where);
  const endpoint name = second.local();
  const auto second_accepted = [&] {
    return !listening.streams.empty() && listening.streams.back()->to != nullptr &&
           listening.streams.back()->to->peer() == name;
  };
  on.run_until(second_accepted);
  on.turn();
  CHECK(listening.errors == 0);
  REQUIRE(listening.streams.size() <= 2);
  if (listening.streams.size() == 2) {
    const recording_handler& victim = *listening.streams[0];
    CHECK(victim.order == "c");
    CHECK(victim.reason == error(ECONNRESET));
  }
}

CONTRACT_CASE("200 connects in one turn") {
  constexpr std::size_t count = 200;
  recording_listener& listening = on.listen();
  std::vector<recording_handler*> clients;
  for (std::size_t i = 0; i != count; ++i) clients.push_back(&on.connect(listening.where));
  listening.then_accept = [](recording_handler& accepted) { CHECK(accepted.write("!") == 1); };
  std::size_t served = 0;
  for (recording_handler* client : clients) client->then_data = [&](lent_buffer&) { ++served; };
  on.run_until([&] { return served == count; });
  CHECK(listening.streams.size() == count);
  for (const recording_handler* client : clients) CHECK(client->order == "od");
}

CONTRACT_CASE("a listener closed inside on_accept accepts nobody after that") {
  recording_listener& listening = on.listen();
  const raw_peer first(listening.where);
  raw_peer second(listening.where);
  listening.then_accept = [&](recording_handler&) { listening.close(); };
  on.run_until([&] { return listening.closes == 1; });
  on.turn();
  CHECK(listening.streams.size() == 1);
  CHECK(listening.errors == 0);
  CHECK(listening.streams[0]->order.empty());
  second.read();
  CHECK(second.failure == error(ECONNRESET));
}

CONTRACT_CASE("closing a listener twice tells it once, and its streams live on") {
  auto [client, server] = on.join();
  recording_listener& listening = on.listen();
  listening.to->close();
  listening.to->close();
  CHECK(listening.closes == 0);
  on.run_until([&] { return listening.closes == 1; });
  CHECK(client.write("still here") == 10);
  on.run_until([&, &s = server] { return s.text == "still here"; });
}

CONTRACT_CASE("a connect after the listener closed is refused") {
  recording_listener& listening = on.listen();
  listening.close();
  on.run_until([&] { return listening.closes == 1; });
  recording_handler& client = on.connect(listening.where);
  on.run_until([&] { return client.ended(); });
  CHECK(client.order == "c");
  CHECK(client.reason == error(ECONNREFUSED));
}

CONTRACT_CASE("an accepted stream that nobody wants is aborted") {
  struct ignoring final : accept_handler {
    void on_accept(listener&, stream&) noexcept override { ++accepted; }
    void on_listener_closed(listener&) noexcept override { ++closes; }
    int accepted = 0;
    int closes = 0;
  } nobody;
  const auto listening = on.loop().listen(endpoint::loopback_v4(0), nobody);
  REQUIRE(listening);
  raw_peer peer((*listening)->local());
  on.run_until([&] {
    peer.read();
    return peer.ended();
  });
  CHECK(peer.failure == error(ECONNRESET));
  CHECK(nobody.accepted == 1);
  (*listening)->close();
  on.run_until([&] { return nobody.closes == 1; });
}

CONTRACT_CASE("a stream closed inside on_accept says goodbye") {
  recording_listener& listening = on.listen();
  listening.then_accept = [](recording_handler& accepted) {
    CHECK(accepted.write("busy") == 4);
    accepted.close();
    CHECK_FALSE(accepted.ended());
  };
  raw_peer peer(listening.where);
  on.run_until([&] {
    peer.read();
    return peer.ended();
  });
  CHECK(peer.eof);
  CHECK(peer.received == "busy");
  peer.close();
  on.run_until([&] { return listening.streams[0]->ended(); });
  CHECK(listening.streams[0]->order == "c");
}

CONTRACT_CASE("a stream closed inside on_accept needs no handler for a goodbye that takes long") {
  struct closing final : accept_handler {
    void on_accept(listener& from, stream& accepted) noexcept override {
      const const_bytes goodbye = text_bytes(text);
      sent = accepted.write({&goodbye, 1});
      accepted.close(seconds(5));
      from.close();
    }
    const std::string text = pattern(std::size_t{8} * 1024 * 1024);  // more than there is room for
    std::size_t sent = 0;
  } leaving;
  const auto listening = on.loop().listen(endpoint::loopback_v4(0), leaving);
  REQUIRE(listening);
  raw_peer peer((*listening)->local());
  on.run_until([&] { return leaving.sent != 0; });
  on.turn();
  on.run_until([&] {
    peer.read();
    return peer.ended();
  });
  CHECK(peer.eof);
  CHECK(peer.received.size() == leaving.sent);
}

CONTRACT_CASE("a stream aborted inside on_accept resets its peer") {
  recording_listener& listening = on.listen();
  listening.then_accept = [](recording_handler& accepted) { accepted.abort(); };
  raw_peer peer(listening.where);
  on.run_until([&] {
    peer.read();
    return peer.ended();
  });
  CHECK(peer.failure == error(ECONNRESET));
  on.run_until([&] { return listening.streams[0]->ended(); });
  CHECK(listening.streams[0]->order == "c");
}

CONTRACT_CASE("a stream paused inside on_accept reads nothing before it resumes") {
  recording_listener& listening = on.listen();
  listening.then_accept = [](recording_handler& accepted) { accepted.pause(); };
  const raw_peer peer(listening.where);
  peer.write("patience");
  on.run_until([&] { return listening.streams.size() == 1; });
  on.turn();
  recording_handler& accepted = *listening.streams[0];
  CHECK(accepted.order.empty());
  accepted.resume();
  on.run_until([&] { return accepted.text == "patience"; });
}

CONTRACT_CASE("a stream paused before on_open reads nothing before it resumes") {
  const raw_listener listening;
  recording_handler& client = on.connect(listening.local());
  client.pause();
  on.run_until([&] { return client.opens == 1; });
  const raw_peer peer = listening.accept();
  peer.write("patience");
  on.turn();
  CHECK(client.order == "o");
  client.resume();
  on.run_until([&] { return client.text == "patience"; });
}
