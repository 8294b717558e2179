// Streams of the Unix domain: names, files that are left behind, and what is unlike TCP.
#include "case.hpp"
#include "socket_path.hpp"

#include <drywire/contract/nodes.hpp>
#include <drywire/contract/pattern.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>

CONTRACT_LIST(unix_socket_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

struct joined_by_name {
  recording_listener& listening;
  recording_handler& client;
  recording_handler& server;
};

joined_by_name join_at(fixture& on, const endpoint& where) {
  recording_listener& listening = on.listen(where);
  recording_handler& client = on.connect(listening.where);
  on.run_until([&] { return client.opens == 1 && listening.streams.size() == 1; });
  return {listening, client, *listening.streams[0]};
}

void check_echo(fixture& on, const joined_by_name& joined) {
  CHECK(joined.client.write("ping") == 4);
  on.run_until([&] { return joined.server.text == "ping"; });
  CHECK(joined.server.write("pong") == 4);
  on.run_until([&] { return joined.client.text == "pong"; });
}

error listen_error(fixture& on, const endpoint& where, const listen_options& options = {}) {
  recording_listener nobody(on);
  const auto made = on.loop().listen(where, nobody, options);
  CHECK_FALSE(made);
  return made.error();
}

}  // namespace

CONTRACT_CASE("Unix socket: echo and addresses", capability::unix_sockets) {
  const socket_path name;
  const joined_by_name joined = join_at(on, name.where());
  check_echo(on, joined);
  CHECK(joined.listening.where == name.where());
  CHECK(joined.client.to->peer() == name.where());
  CHECK(joined.server.to->local() == name.where());
  // A client that is bound to nothing has no name.
  CHECK(joined.client.to->local() == endpoint::unix_unnamed());
  CHECK(joined.server.to->peer() == endpoint::unix_unnamed());
}

CONTRACT_CASE("Unix socket: 1 MiB in both directions, then an orderly end",
              capability::unix_sockets) {
  constexpr std::size_t size = std::size_t{1024} * 1024;
  const socket_path name;
  const joined_by_name joined = join_at(on, name.where());
  const std::string bytes = pattern(size);
  const auto send = [&](recording_handler& from) {
    const auto sent = std::make_shared<std::size_t>(0);
    from.then_writable = [&, sent] {
      *sent += from.write(std::string_view(bytes).substr(*sent));
      if (*sent == size && from.to != nullptr) from.shutdown();
    };
    from.then_writable();
  };
  send(joined.client);
  send(joined.server);
  on.run_until([&] { return joined.client.ended() && joined.server.ended(); });
  CHECK(joined.client.text == bytes);
  CHECK(joined.server.text == bytes);
  CHECK(joined.client.reason == error());
  CHECK(joined.server.reason == error());
}

CONTRACT_CASE("Unix socket: close is done though the peer hasn't read, which loses nothing",
              capability::unix_sockets) {
  const socket_path name;
  const joined_by_name joined = join_at(on, name.where());
  joined.server.pause();
  CHECK(joined.client.write("last words") == 10);
  joined.client.close();
  on.run_until([&] { return joined.client.ended(); });
  CHECK(joined.client.reason == error());
  CHECK(joined.server.text.empty());
  joined.server.resume();
  on.run_until([&] { return joined.server.eofs == 1; });
  CHECK(joined.server.text == "last words");
}

// A system resets what it closes with bytes unread, and here nothing holds the close up.
CONTRACT_CASE("Unix socket: close inside on_accept with a request unread is an orderly end",
              capability::unix_sockets) {
  const socket_path name;
  recording_listener& listening = on.listen(name.where());
  listening.then_accept = [](recording_handler& accepted) {
    CHECK(accepted.write("busy") == 4);
    accepted.close();
  };
  raw_peer peer(listening.where);
  peer.write("request");
  on.run_until([&] {
    peer.read();
    return peer.ended();
  });
  CHECK(peer.eof);
  CHECK(peer.received == "busy");
  CHECK(listening.streams[0]->order == "c");
}

CONTRACT_CASE("Unix socket: a short write, then on_writable once", capability::unix_sockets) {
  const socket_path name;
  const joined_by_name joined = join_at(on, name.where());
  joined.server.keeps_text = false;
  joined.server.pause();
  CHECK(on.fill(joined.client) > 0);
  CHECK(joined.client.writables == 0);
  joined.server.resume();
  on.run_until([&] { return joined.client.writables == 1; });
  on.run_until([&] { return joined.server.received == joined.client.filled; });
  CHECK(joined.client.writables == 1);
}

CONTRACT_CASE("Unix socket: a peer that drops what it was sent is a reset, behind its own bytes",
              capability::unix_sockets) {
  const socket_path name;
  recording_listener& listening = on.listen(name.where());
  raw_peer peer(name.where());
  on.run_until([&] { return listening.streams.size() == 1; });
  recording_handler& server = *listening.streams[0];
  CHECK(server.write("unread") == 6);
  peer.write("bytes");
  peer.close();
  on.run_until([&] { return server.ended(); });
  CHECK(server.text == "bytes");
  CHECK(server.eofs == 0);
  CHECK(server.reason == error(ECONNRESET));
}

CONTRACT_CASE("Unix socket: writing to a peer that is gone says EPIPE", capability::unix_sockets) {
  const socket_path name;
  recording_listener& listening = on.listen(name.where());
  raw_peer peer(name.where());
  on.run_until([&] { return listening.streams.size() == 1; });
  recording_handler& server = *listening.streams[0];
  peer.close();
  on.run_until([&] { return server.eofs == 1; });
  CHECK(server.write("x") == 0);
  on.run_until([&] { return server.ended(); });
  CHECK(server.reason == error(EPIPE));
}

CONTRACT_CASE("Unix socket: a path that is too long has no endpoint", capability::unix_sockets) {
  const std::string long_path = "/tmp/" + std::string(200, 'x');
  CHECK(endpoint::unix_path(long_path).error() == error(ENAMETOOLONG));
  CHECK_FALSE(endpoint::parse("unix:" + long_path));
}

CONTRACT_CASE("Unix socket: the longest path works", capability::unix_sockets) {
  const socket_path folder;
  const std::string path = folder.path().substr(0, folder.path().size() - 1);
  const std::string longest = path + std::string(107 - path.size(), 'x');
  const joined_by_name joined = join_at(on, *endpoint::unix_path(longest));
  check_echo(on, joined);
  CHECK(joined.server.to->local().unix_name() == longest);
}

CONTRACT_CASE("Unix socket: the file is gone once its listener is closed",
              capability::unix_sockets) {
  const socket_path name;
  recording_listener& listening = on.listen(name.where());
  CHECK(name.exists());
  listening.close();
  CHECK_FALSE(name.exists());
  on.run_until([&] { return listening.closes == 1; });
  recording_listener& again = on.listen(name.where());
  CHECK(again.where == name.where());
}

CONTRACT_CASE("Unix socket: the file is gone once its loop is destroyed",
              capability::unix_sockets) {
  const socket_path name;
  recording_listener& listening = on.listen(name.where());
  on.destroy_loop();
  CHECK(listening.closes == 1);
  CHECK_FALSE(name.exists());
}

CONTRACT_CASE("Unix socket: a stale socket file is replaced", capability::unix_sockets) {
  const socket_path name;
  raw_listener(name.where()).close();
  CHECK(name.exists());
  check_echo(on, join_at(on, name.where()));
}

CONTRACT_CASE("Unix socket: one that is listened on says EADDRINUSE", capability::unix_sockets) {
  const socket_path name;
  recording_listener& listening = on.listen(name.where());
  CHECK(listen_error(on, name.where()) == error(EADDRINUSE));
  CHECK(name.exists());
  // It was asked whether anybody listens; that is over soon.
  on.run_until([&] { return listening.streams.size() == 1 && listening.streams[0]->eofs == 1; });
}

CONTRACT_CASE("Unix socket: a file that is no socket says EADDRINUSE, and stays",
              capability::unix_sockets) {
  const socket_path name;
  std::ofstream(name.path()) << "precious";
  CHECK(listen_error(on, name.where()) == error(EADDRINUSE));
  std::string text;
  std::ifstream(name.path()) >> text;
  CHECK(text == "precious");
}

CONTRACT_CASE("Unix socket: a link to a stale socket file isn't followed",
              capability::unix_sockets) {
  const socket_path target;
  const socket_path name;
  raw_listener(target.where()).close();
  REQUIRE(::symlink(target.path().c_str(), name.path().c_str()) == 0);
  CHECK(listen_error(on, name.where()) == error(EADDRINUSE));
  CHECK(target.exists());
}

CONTRACT_CASE("Unix socket: a file that has taken our place isn't removed",
              capability::unix_sockets) {
  const socket_path name;
  recording_listener& listening = on.listen(name.where());
  REQUIRE(::unlink(name.path().c_str()) == 0);
  const raw_listener usurper(name.where());
  listening.close();
  CHECK(name.exists());
}

CONTRACT_CASE("Unix socket: the umask decides who may connect", capability::unix_sockets) {
  const socket_path name;
  const mode_t before = ::umask(0077);
  on.listen(name.where());
  ::umask(before);
  struct stat found {};
  REQUIRE(::lstat(name.path().c_str(), &found) == 0);
  CHECK((found.st_mode & 0777U) == 0700U);
}

CONTRACT_CASE("Unix socket: nobody there says ENOENT, a stale one ECONNREFUSED",
              capability::unix_sockets) {
  const socket_path name;
  recording_handler& first = on.connect(name.where());
  on.run_until([&] { return first.ended(); });
  CHECK(first.order == "c");
  CHECK(first.reason == error(ENOENT));
  raw_listener(name.where()).close();
  recording_handler& second = on.connect(name.where());
  on.run_until([&] { return second.ended(); });
  CHECK(second.order == "c");
  CHECK(second.reason == error(ECONNREFUSED));
}

CONTRACT_CASE("Unix socket: a full listener is waited for", capability::unix_sockets) {
  const socket_path name;
  const raw_listener full(name.where(), 0);
  const raw_peer first(name.where());
  recording_handler& client = on.connect(name.where());
  on.turn(20);
  CHECK(client.order.empty());
  on.expect_idle();
  const raw_peer accepted = full.accept();
  on.run_until([&] { return client.opens == 1; });
  CHECK(client.order == "o");
}

CONTRACT_CASE("Unix socket: a connect to a full listener may be aborted",
              capability::unix_sockets) {
  const socket_path name;
  const raw_listener full(name.where(), 0);
  const raw_peer first(name.where());
  recording_handler& client = on.connect(name.where());
  on.turn();
  client.abort();
  on.run_until([&] { return client.ended(); });
  CHECK(client.order == "c");
  CHECK(client.reason == error());
}

CONTRACT_CASE("Unix socket: 300 connects in one turn", capability::unix_sockets) {
  constexpr int count = 300;
  const socket_path name;
  recording_listener& listening = on.listen(name.where(), {.backlog = 16});
  std::vector<recording_handler*> clients;
  for (int i = 0; i != count; ++i) clients.push_back(&on.connect(name.where()));
  on.run_until([&] { return listening.streams.size() == count; });
  on.turn();
  for (const recording_handler* client : clients) CHECK(client->order == "o");
}

CONTRACT_CASE("Unix socket: no port is shared", capability::unix_sockets) {
  const socket_path name;
  CHECK(listen_error(on, name.where(), {.reuse_port = true}) == error(ENOTSUP));
  CHECK_FALSE(name.exists());
}

CONTRACT_CASE("abstract name: echo, and no file", capability::abstract_names) {
  const auto where = endpoint::unix_abstract("drywire " + std::to_string(::getpid()));
  REQUIRE(where);
  const joined_by_name joined = join_at(on, *where);
  check_echo(on, joined);
  CHECK(joined.server.to->local() == *where);
  CHECK(listen_error(on, *where) == error(EADDRINUSE));
  joined.listening.close();
  on.run_until([&] { return joined.listening.closes == 1; });
  joined.client.abort();
  joined.server.abort();
  on.run_until([&] { return joined.client.ended() && joined.server.ended(); });
  CHECK(on.listen(*where).where == *where);
}

CONTRACT_CASE("abstract name: without one, the system chooses", capability::abstract_names) {
  const joined_by_name joined = join_at(on, endpoint::unix_unnamed());
  CHECK(joined.listening.where.is_abstract());
  check_echo(on, joined);
}

CONTRACT_CASE("abstract name: a peer's name of any bytes is told, and forges no line",
              capability::abstract_names) {
  const std::string bytes = "\n" + std::to_string(::getpid()) + '\0' + "\"\\";
  const endpoint name = *endpoint::unix_abstract(bytes);
  recording_listener& listening = on.listen(endpoint::unix_unnamed());
  const raw_peer peer = [&] {
    descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto call = [&](auto what, const endpoint& with) {
      return what(fd.get(), static_cast<const sockaddr*>(with.native()),
                  static_cast<socklen_t>(with.native_size()));
    };
    REQUIRE(call(::bind, name) == 0);
    REQUIRE(call(::connect, listening.where) == 0);
    return raw_peer(std::move(fd));
  }();
  on.run_until([&] { return listening.streams.size() == 1; });
  const endpoint told = listening.streams[0]->to->peer();
  CHECK(told.unix_name() == bytes);
  CHECK(told.to_string() == "unix:@\\x0a" + std::to_string(::getpid()) + "\\x00\\x22\\x5c");
  CHECK(endpoint::parse(told.to_string()) == told);
}
