// How connections of a simulated network end: FIN, reset, and what each end is told, as on Linux.
#include "sim_hosts.hpp"

using namespace drywire;
using drywire::test::two_hosts;

TEST_CASE("a FIN comes behind the bytes, and the other direction goes on") {
  two_hosts hosts;
  const auto [client, server] = hosts.join();
  CHECK(*two_hosts::send(hosts.a, client, "bye") == 3);
  CHECK(hosts.a.shut_down_sending(client.get()));
  CHECK(two_hosts::send(hosts.a, client, "more").error() == error(EPIPE));
  hosts.settle(seconds(1));
  CHECK(two_hosts::receive(hosts.b, server) == "byeFIN");
  CHECK(*two_hosts::send(hosts.b, server, "still here") == 10);
  hosts.settle(seconds(1));
  CHECK(two_hosts::receive(hosts.a, client) == "still hereEAGAIN");
}

TEST_CASE("a reset lets what came before be received, then is told once") {
  two_hosts hosts;
  auto [client, server] = hosts.join();
  CHECK(*two_hosts::send(hosts.a, client, "last words") == 10);
  hosts.a.reset_on_close(client.get());
  client.close();
  hosts.settle(seconds(1));
  CHECK(two_hosts::receive(hosts.b, server) == "last wordsECONNRESET");
  CHECK(two_hosts::receive(hosts.b, server) == "FIN");
  CHECK(two_hosts::send(hosts.b, server, "x").error() == error(EPIPE));
}

TEST_CASE("a send that meets a reset is told of it, and takes it away") {
  two_hosts hosts;
  auto [client, server] = hosts.join();
  hosts.a.reset_on_close(client.get());
  client.close();
  hosts.settle(seconds(1));
  CHECK(hosts.b.is_writable(server.get()));
  CHECK(two_hosts::send(hosts.b, server, "x").error() == error(ECONNRESET));
  CHECK(two_hosts::send(hosts.b, server, "x").error() == error(EPIPE));
  CHECK(hosts.b.pending_error(server.get()) == error());
}

TEST_CASE("closing with bytes unread is a reset") {
  two_hosts hosts;
  auto [client, server] = hosts.join();
  CHECK(*two_hosts::send(hosts.a, client, "unread") == 6);
  hosts.settle(seconds(1));
  server.close();
  hosts.settle(seconds(1));
  CHECK(two_hosts::receive(hosts.a, client) == "ECONNRESET");
}

TEST_CASE("bytes to who has closed are answered by a reset: a broken pipe behind its FIN") {
  two_hosts hosts;
  auto [client, server] = hosts.join();
  server.close();
  hosts.settle(seconds(1));
  CHECK(two_hosts::receive(hosts.a, client) == "FIN");
  CHECK(*two_hosts::send(hosts.a, client, "hello?") == 6);
  hosts.settle(seconds(1));
  CHECK(hosts.a.pending_error(client.get()) == error(EPIPE));
}

TEST_CASE("close sends what it has yet to send") {
  two_hosts hosts({.send_buffer = 50'000, .receive_buffer = 10'000});
  auto [client, server] = hosts.join();
  CHECK(*two_hosts::send(hosts.a, client, std::string(50'000, 'x')) == 50'000);
  client.close();
  std::size_t received = 0;
  for (int i = 0; i != 5; ++i) {
    hosts.settle(seconds(1));
    received += two_hosts::receive(hosts.b, server).size();
  }
  CHECK(received == 50'000 + 4 * 6 + 3);  // EAGAIN, and FIN at last
}

TEST_CASE("a connect that is closed on the way never reaches the listener") {
  two_hosts hosts;
  const descriptor listening = hosts.listen();
  descriptor client = hosts.connect();
  client.close();
  hosts.settle(seconds(200));
  CHECK_FALSE(hosts.b.is_readable(listening.get()));
  CHECK(hosts.net.connections() == 0);
}

TEST_CASE("a listener that closes resets who waits") {
  two_hosts hosts;
  descriptor listening = hosts.listen();
  const descriptor client = hosts.connect();
  hosts.settle(seconds(1));
  listening.close();
  hosts.settle(seconds(1));
  CHECK(two_hosts::receive(hosts.a, client) == "ECONNRESET");
}

TEST_CASE("nothing is left of a connection that both ends have closed, however it ended") {
  two_hosts hosts({.send_buffer = 50'000, .receive_buffer = 10'000});
  for (const bool reset : {false, true}) {
    for (const bool unread : {false, true}) {
      auto [client, server] = hosts.join();
      CHECK(*two_hosts::send(hosts.a, client, std::string(50'000, 'x')) == 50'000);
      hosts.settle(milliseconds(1));
      CHECK(hosts.net.buffered() != 0);
      if (reset) hosts.a.reset_on_close(client.get());
      client.close();
      if (!unread) {
        while (!two_hosts::receive(hosts.b, server).empty() && hosts.settle() > duration())
          continue;
      }
      server.close();
      hosts.settle();
      CHECK(hosts.net.connections() == 0);
      CHECK(hosts.net.buffered() == 0);
      CHECK(hosts.a.descriptors() == 0);
      CHECK(hosts.b.descriptors() == 0);
    }
  }
}
