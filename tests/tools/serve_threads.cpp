// `drywire serve --threads`: one port, whole lines, and an end for all.
#include "any_loop.hpp"
#include "child.hpp"
#include "raw_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace drywire::traffic;

constexpr int connections = 24;

struct site {
  site() { folder.write("hello.txt", "hello\n"); }
  [[nodiscard]] server serve(const std::string& loop, arguments more) const {
    more.insert(more.end(), {"--threads", "3", "--root", folder.path()});
    return {DRYWIRE_COMMAND, loop, more};
  }
  temporary_folder folder;
};

// A POST whose body doesn't end until somebody sends "defghij".
void begin_echo(raw_connection& client) {
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(client.read_until("\r\n\r\nabc"));
}

// Accepted, and kept: a signal may come before a connection that only waits for it.
void become_idle(raw_connection& client) {
  client.send("GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.read_until("hello\n"));
}

// Exchanges under way on every thread of a server that drains: an idle connection has ended.
std::vector<std::unique_ptr<raw_connection>> begin_echoes_and_drain(server& s) {
  std::vector<std::unique_ptr<raw_connection>> busy;
  for (int i = 0; i < connections; ++i) {
    busy.push_back(std::make_unique<raw_connection>(s.port()));
    begin_echo(*busy.back());
  }
  raw_connection idle(s.port());
  become_idle(idle);
  s.send_signal(SIGTERM);
  CHECK(idle.read_to_end());
  return busy;
}

std::string ask(std::uint16_t port, const std::string& target) {
  raw_connection client(port);
  client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  CHECK(client.read_to_end());
  return client.take();
}

TEST_CASE("threads share a port, log whole lines, and count apart") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop, {"--log", "--metrics"});
  for (int i = 0; i < connections; ++i) CHECK(ask(s.port(), "/hello.txt").ends_with("hello\n"));
  for (int i = 0; i < connections; ++i) {
    CHECK(s.read_line().find("\"GET /hello.txt HTTP/1.1\" 200 6 ") != std::string::npos);
  }
  const std::string metrics = ask(s.port(), "/metrics");
  int sum = 0;
  for (const char* each : {"0", "1", "2"}) {
    const std::string name =
        std::string("\ndrywire_responses_total{loop=\"") + each + "\",class=\"2xx\"} ";
    REQUIRE(metrics.find(name) != std::string::npos);
    sum += std::stoi(metrics.substr(metrics.find(name) + name.size()));
  }
  CHECK(sum == connections);
  s.send_signal(SIGTERM);
  CHECK(s.wait() == 0);
}

TEST_CASE("a signal lets the exchanges of every thread finish") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop, {});
  const auto busy = begin_echoes_and_drain(s);
  for (const auto& each : busy) {
    CHECK(each->send("defghij"));
    CHECK(each->read_until("abcdefghij"));
    CHECK(each->read_to_end());
  }
  CHECK(s.wait() == 0);
}

TEST_CASE("a second signal ends every thread at once") {
  const site files;
  server s = files.serve(any_loop(), {});
  const auto busy = begin_echoes_and_drain(s);
  s.send_signal(SIGTERM);
  for (const auto& each : busy) CHECK_FALSE(each->read_to_end());
  CHECK(s.wait() == 1);
}

TEST_CASE("a drain ends with its time") {
  const site files;
  server s = files.serve(any_loop(), {"--drain-timeout", "100ms"});
  raw_connection busy(s.port());
  begin_echo(busy);
  s.send_signal(SIGTERM);
  CHECK_FALSE(busy.read_to_end());
  CHECK(s.wait() == 1);
}

TEST_CASE("a drain that may take no time cuts nothing off where nothing is") {
  const site files;
  server s = files.serve(any_loop(), {"--drain-timeout", "0s"});
  s.send_signal(SIGTERM);
  CHECK(s.wait() == 0);
}

TEST_CASE("a port that another server shares is in use all the same") {
  const site files;
  const std::string loop = any_loop();
  server s = files.serve(loop, {});
  const std::string address = "127.0.0.1:" + std::to_string(s.port());
  const finished second = run({"timeout", "20", DRYWIRE_COMMAND, "serve", "--loop", loop,
                               "--threads", "2", "--listen", address});
  CHECK(second.status == 2);
  CHECK(second.output == "drywire: listen on " + address + ": Address already in use\n");
  s.send_signal(SIGTERM);
  CHECK(s.wait() == 0);
}

TEST_CASE("a socket of the Unix domain can't be shared") {
  const finished f = run({"timeout", "20", DRYWIRE_COMMAND, "serve", "--threads", "2", "--listen",
                          "unix:@drywire-threads"});
  CHECK(f.status == 2);
  CHECK(f.output == "drywire: --threads: unix:@drywire-threads can't be shared among threads\n");
}

}  // namespace
