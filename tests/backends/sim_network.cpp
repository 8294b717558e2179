// A simulated network without faults: latency, bandwidth, buffers, addresses, hosts that vanish.
#include "sim_hosts.hpp"

using namespace drywire;
using drywire::test::two_hosts;

TEST_CASE("each packet takes the latency") {
  two_hosts hosts({.latency = milliseconds(10)});
  const descriptor listening = hosts.listen();
  const descriptor client = hosts.connect();
  const instant begin = hosts.time();
  CHECK_FALSE(hosts.wait_until([&] { return hosts.b.is_readable(listening.get()); },
                               nanoseconds(9'999'999)));
  CHECK(hosts.wait_until([&] { return hosts.b.is_readable(listening.get()); }));
  CHECK(hosts.time() - begin == milliseconds(10));
  CHECK_FALSE(hosts.a.is_writable(client.get()));
  CHECK(hosts.wait_until([&] { return hosts.a.is_writable(client.get()); }));
  CHECK(hosts.time() - begin == milliseconds(20));

  const auto server = hosts.b.accept(listening.get());
  REQUIRE(server);
  CHECK(*two_hosts::send(hosts.a, client, "ping") == 4);
  CHECK(hosts.wait_until([&] { return hosts.b.is_readable(server->fd.get()); }));
  CHECK(hosts.time() - begin == milliseconds(30));
  CHECK(two_hosts::receive(hosts.b, server->fd) == "pingEAGAIN");
}

TEST_CASE("within a host it is another latency") {
  two_hosts hosts({.latency = seconds(10), .loopback_latency = microseconds(5)});
  const auto listening = hosts.a.listen(endpoint::loopback_v6(0), {});
  REQUIRE(listening);
  const auto client = hosts.a.connect(hosts.a.local(listening->get()));
  REQUIRE(client);
  const instant begin = hosts.time();
  CHECK(hosts.wait_until([&] { return hosts.a.is_writable(client->get()); }));
  CHECK(hosts.time() - begin == microseconds(10));
}

TEST_CASE("bytes take the time that the bandwidth gives them") {
  two_hosts hosts({.latency = milliseconds(1), .bytes_per_second = 1'000'000});
  const auto [client, server] = hosts.join();
  const instant begin = hosts.time();
  const std::string much(500'000, 'x');
  CHECK(*two_hosts::send(hosts.a, client, much) == much.size());
  std::size_t received = 0;
  CHECK(hosts.wait_until([&, &s = server] {
    received += two_hosts::receive(hosts.b, s).size() - 6;  // less EAGAIN
    return received == much.size();
  }));
  CHECK(hosts.time() - begin == milliseconds(501));
}

TEST_CASE("what isn't received fills the two buffers, and no more is taken") {
  two_hosts hosts({.send_buffer = 30'000, .receive_buffer = 20'000});
  const auto [client, server] = hosts.join();
  const std::string much(100'000, 'x');
  CHECK(*two_hosts::send(hosts.a, client, much) == 30'000);
  CHECK(two_hosts::send(hosts.a, client, "x").error() == error(EAGAIN));
  CHECK_FALSE(hosts.a.is_writable(client.get()));
  hosts.settle(seconds(1));
  CHECK(hosts.a.is_writable(client.get()));
  CHECK(*two_hosts::send(hosts.a, client, much) == 20'000);
  hosts.settle(seconds(1));
  CHECK(hosts.a.unacknowledged(client.get()) == 30'000);
  CHECK(two_hosts::receive(hosts.b, server).size() == 20'006);
  hosts.settle(seconds(1));
  CHECK(hosts.a.unacknowledged(client.get()) == 10'000);
  CHECK(two_hosts::receive(hosts.b, server).size() == 20'006);
}

TEST_CASE("what is acknowledged is told, a FIN counted as one") {
  two_hosts hosts({.latency = milliseconds(10)});
  const auto [client, server] = hosts.join();
  hosts.settle(milliseconds(100));
  CHECK(*two_hosts::send(hosts.a, client, "12345") == 5);
  CHECK(hosts.a.shut_down_sending(client.get()));
  CHECK(hosts.a.unacknowledged(client.get()) == 6);
  hosts.settle(milliseconds(19));
  CHECK(hosts.a.unacknowledged(client.get()) == 6);
  hosts.settle(milliseconds(1));
  CHECK(hosts.a.unacknowledged(client.get()) == 0);
  CHECK(two_hosts::receive(hosts.b, server) == "12345FIN");
}

TEST_CASE("each end knows both addresses, of either family") {
  two_hosts hosts;
  const auto any = hosts.b.listen(*endpoint::parse("[::]:443"), {});
  REQUIRE(any);
  const auto v4 = hosts.a.connect(hosts.b.v4(443));
  const auto v6 = hosts.a.connect(hosts.b.v6(443));
  REQUIRE(v4);
  REQUIRE(v6);
  hosts.settle(seconds(1));
  CHECK(hosts.b.v4(443).to_string() == "10.0.0.2:443");
  CHECK(hosts.b.v6(443).to_string() == "[fd00::2]:443");
  const auto first = hosts.b.accept(any->get());
  const auto second = hosts.b.accept(any->get());
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->peer.to_string().starts_with("[::ffff:10.0.0.1]:"));
  CHECK(first->peer.port() == hosts.a.local(v4->get()).port());
  CHECK(second->peer == hosts.a.local(v6->get()));
  CHECK(hosts.b.local(second->fd.get()) == hosts.b.v6(443));
}

TEST_CASE("connecting to where nobody listens is refused, to no host it takes two minutes") {
  two_hosts hosts;
  const auto refused = hosts.a.connect(hosts.b.v4(81));
  REQUIRE(refused);
  CHECK(hosts.wait_until([&] { return hosts.a.is_writable(refused->get()); }));
  CHECK(hosts.a.pending_error(refused->get()) == error(ECONNREFUSED));
  const instant begin = hosts.time();
  const auto nobody = hosts.a.connect(*endpoint::parse("10.1.1.1:80"));
  REQUIRE(nobody);
  CHECK(hosts.wait_until([&] { return hosts.a.is_writable(nobody->get()); }));
  CHECK(hosts.a.pending_error(nobody->get()) == error(ETIMEDOUT));
  CHECK(hosts.time() - begin == seconds(127));
}

TEST_CASE("a full backlog lets a connect wait until there is room") {
  two_hosts hosts;
  const descriptor listening = hosts.listen(0);
  const descriptor first = hosts.connect();
  const descriptor second = hosts.connect();
  hosts.settle(milliseconds(500));
  CHECK(hosts.a.is_writable(first.get()));
  CHECK_FALSE(hosts.a.is_writable(second.get()));
  CHECK(hosts.b.accept(listening.get()));
  CHECK(hosts.wait_until([&] { return hosts.a.is_writable(second.get()); }, seconds(2)));
  CHECK(hosts.a.pending_error(second.get()) == error());
}

TEST_CASE("what a vanished host was sent arrives when it is back") {
  two_hosts hosts;
  const auto [client, server] = hosts.join();
  hosts.b.vanish();
  CHECK(*two_hosts::send(hosts.a, client, "are you there?") == 14);
  hosts.settle(seconds(60));
  CHECK(two_hosts::receive(hosts.b, server) == "EAGAIN");
  CHECK(hosts.a.unacknowledged(client.get()) == 14);
  hosts.b.come_back();
  hosts.settle(seconds(1));
  CHECK(two_hosts::receive(hosts.b, server) == "are you there?EAGAIN");
  hosts.settle(seconds(3600));
  CHECK(hosts.a.unacknowledged(client.get()) == 0);
  CHECK(hosts.a.pending_error(client.get()) == error());
}

TEST_CASE("a sender gives up on a vanished host, who never hears of it") {
  two_hosts hosts;
  const auto [client, server] = hosts.join();
  hosts.b.vanish();
  CHECK(*two_hosts::send(hosts.a, client, "are you there?") == 14);
  CHECK(hosts.settle(seconds(3600)) >= seconds(15 * 60));
  CHECK(two_hosts::receive(hosts.a, client) == "ETIMEDOUT");
  CHECK(two_hosts::receive(hosts.b, server) == "EAGAIN");
}

TEST_CASE("a host without descriptors says EMFILE, and can shed who waits") {
  two_hosts hosts;
  const descriptor listening = hosts.listen();
  const descriptor client = hosts.connect();
  hosts.settle(seconds(1));
  hosts.b.limit_descriptors(1);
  CHECK(hosts.b.accept(listening.get()).error() == error(EMFILE));
  CHECK(hosts.b.connect(hosts.a.v4(1)).error() == error(EMFILE));
  CHECK(hosts.b.peer_waits(listening.get()));
  CHECK(hosts.b.shed(listening.get(), 64) == 1);
  hosts.settle(seconds(1));
  CHECK(two_hosts::receive(hosts.a, client) == "ECONNRESET");
}

TEST_CASE("the wall clock follows the steady one, and jumps alone") {
  two_hosts hosts;
  const now begin = hosts.net.clocks();
  hosts.net.pass(seconds(90));
  CHECK(hosts.net.clocks().steady - begin.steady == seconds(90));
  CHECK(hosts.net.clocks().unix_seconds == begin.unix_seconds + 90);
  hosts.net.jump_wall_clock(-1000);
  CHECK(hosts.net.clocks().steady - begin.steady == seconds(90));
  CHECK(hosts.net.clocks().unix_seconds == begin.unix_seconds - 910);
}
