// Processes that are killed: what `drywire serve` had for its client goes, and `drywire get` says
// what it has got from its server.
#include "any_loop.hpp"
#include "child.hpp"
#include "raw_client.hpp"

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace drywire::traffic;
namespace fs = std::filesystem;

template <class Condition>
bool comes_true(Condition condition) {
  using clock = std::chrono::steady_clock;
  const auto give_up = clock::now() + std::chrono::seconds(30);
  while (!condition() && clock::now() < give_up) ::usleep(1000);
  return condition();
}

std::ptrdiff_t descriptors_of(pid_t pid) {
  const fs::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return std::distance(begin(all), end(all));
}

// Many more bytes than sockets and pipes take, without room on the disk.
struct site {
  explicit site(std::uint64_t size) {
    folder.write("large", "begin\n");
    fs::resize_file(large, size);
  }
  [[nodiscard]] server serve(const std::string& loop) const {
    return {DRYWIRE_COMMAND, loop, {"--metrics", "--root", folder.path()}};
  }
  temporary_folder folder;
  std::string large = folder.path() + "/large";
};

// A client whose connection is as the words of a shell left it; it says "there", and sleeps.
arguments shell(const server& s, const std::string& words) {
  return {"bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$0; " + words + "; echo there; exec sleep 1000",
          std::to_string(s.port())};
}

// Killed once it has said the line, and the server has its connection.
void kill_behind(const arguments& client, const std::string& line, pid_t server,
                 std::ptrdiff_t without) {
  child c(client);
  CHECK(c.read_line() == line);
  CHECK(comes_true([&] { return descriptors_of(server) > without; }));
  c.send_signal(SIGKILL);
  CHECK(c.wait() == 128 + SIGKILL);
}

std::string metrics_of(const server& s) {
  raw_connection c(s.port());
  c.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  c.read_to_end();
  return c.take();
}

}  // namespace

TEST_CASE("a server keeps no connection of a client that was killed") {
  const std::string loop = any_loop();
  CAPTURE(loop);
  const site files(200'000'000);
  server s = files.serve(loop);
  REQUIRE(metrics_of(s).starts_with("HTTP/1.1 200 "));
  std::ptrdiff_t before = 0;
  // The connection that asked has gone once the number stands still.
  REQUIRE(comes_true([&] {
    const auto last = std::exchange(before, descriptors_of(s.pid()));
    ::usleep(10'000);
    return last == before;
  }));

  // Nobody reads what they write behind the first line.
  const std::string large = s.url("/large"), echo = s.url("/echo");
  const std::string get = "printf 'GET /echo HTTP/1.1\\r\\nHost: a\\r\\n";
  const std::vector<std::pair<std::string, arguments>> clients = {
      {"begin", {DRYWIRE_COMMAND, "get", large}},
      {"begin", {DRYWIRE_COMMAND, "get", "-T", files.large, echo}},
      {"begin", {"curl", "-sN", large}},
      {"begin", {"curl", "-sN", "-T", files.large, echo}},
      {"there", shell(s, "true")},
      {"there", shell(s, get + "' >&3")},
      {"there", shell(s, get + "Content-Length: 9\\r\\n\\r\\nabc' >&3")},
      {"there",
       shell(s, get + "\\r\\n' >&3; while read -r l && [ \"${#l}\" != 1 ]; do :; done <&3")},
  };
  for (const auto& [line, client] : clients) {
    CAPTURE(client);
    kill_behind(client, line, s.pid(), before);
    CHECK(comes_true([&] { return descriptors_of(s.pid()) == before; }));
  }
  // The one that asks.
  CHECK(metrics_of(s).find("\ndrywire_connections{loop=\"0\"} 1\n") != std::string::npos);
  CHECK(metrics_of(s).find("\ndrywire_requests_in_flight{loop=\"0\"} 1\n") != std::string::npos);
  int status = -1;
  CHECK(s.stop(status).empty());
  CHECK(status == 0);
}

TEST_CASE("a client whose server was killed says what it has, and keeps it") {
  const std::string loop = any_loop();
  CAPTURE(loop);
  constexpr std::uint64_t whole = 1ULL << 33;
  const site files(whole);
  server s = files.serve(loop);
  const std::string into = files.folder.path() + "/got";
  child c({DRYWIRE_COMMAND, "get", "--loop", loop, "-o", into, s.url("/large")}, true);
  std::error_code none;
  CHECK(comes_true([&] {
    const auto size = fs::file_size(into, none);
    return !none && size > 1'000'000;
  }));
  s.send_signal(SIGKILL);
  const std::string said = c.read_all();
  CHECK(c.wait() == 1);
  const auto size = fs::file_size(into);
  CHECK(size > 1'000'000);
  CHECK(size < whole);
  CAPTURE(said);
  CHECK(said.starts_with("drywire: " + s.url("/large") + ": "));
  CHECK(said.ends_with("; " + into + " has the first " + std::to_string(size) +
                       " bytes, --continue asks for the rest\n"));
  CHECK(std::count(said.begin(), said.end(), '\n') == 1);
}
