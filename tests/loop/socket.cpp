#include <drywire/loop/socket.hpp>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>
#include <vector>

namespace drywire {
namespace {

const_bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

void wait_for(int fd, short events) {
  pollfd wanted{fd, events, 0};
  REQUIRE(::poll(&wanted, 1, 10'000) == 1);
}

struct socket_pair {
  socket_pair() {
    auto bound = listen_socket(endpoint::loopback_v4(0), {});
    REQUIRE(bound);
    listening = std::move(*bound);
    where = local_endpoint(listening.get());
    auto begun = connect_socket(where);
    REQUIRE(begun);
    client = std::move(*begun);
    wait_for(client.get(), POLLOUT);
    auto taken = accept_socket(listening.get());
    REQUIRE(taken);
    server = std::move(taken->fd);
    peer = taken->peer;
  }

  descriptor listening;
  descriptor client;
  descriptor server;
  endpoint where;
  endpoint peer;
};

std::string received(int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    wait_for(fd, POLLIN);
    const auto got = receive(fd, std::as_writable_bytes(std::span(text).subspan(have)));
    REQUIRE(got);
    if (*got == 0) break;
    have += *got;
  }
  text.resize(have);
  return text;
}

}  // namespace

TEST_CASE("an accepted socket knows both ends, doesn't block, and isn't inherited") {
  const socket_pair pair;
  CHECK(pair.where.port() != 0);
  CHECK(pair.peer == local_endpoint(pair.client.get()));
  CHECK(pending_error(pair.client.get()) == error());
  for (const int fd : {pair.listening.get(), pair.client.get(), pair.server.get()}) {
    CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  }
}

TEST_CASE("accept says when nobody waits, and receive when nothing came") {
  const socket_pair pair;
  CHECK(accept_socket(pair.listening.get()).error() == error(EAGAIN));
  std::array<std::byte, 4> into{};
  CHECK(receive(pair.server.get(), into).error() == error(EAGAIN));
}

TEST_CASE("a place in use is refused") {
  const socket_pair pair;
  CHECK(listen_socket(pair.where, {}).error() == std::errc::address_in_use);
}

TEST_CASE("a refused connect shows in the pending error, once") {
  endpoint where;
  {
    const socket_pair pair;
    where = pair.where;
  }
  auto begun = connect_socket(where);
  if (begun) {
    wait_for(begun->get(), POLLOUT);
    CHECK(pending_error(begun->get()) == std::errc::connection_refused);
    CHECK(pending_error(begun->get()) == error());
  } else {
    CHECK(begun.error() == std::errc::connection_refused);
  }
}

TEST_CASE("pieces are sent in order, whatever their number, without the empty ones") {
  const socket_pair pair;
  std::string whole;
  std::vector<std::string> texts;
  for (int i = 0; i != 500; ++i) texts.push_back(i % 3 == 0 ? "" : std::to_string(i));
  std::vector<const_bytes> pieces;
  for (const std::string& text : texts) {
    whole += text;
    pieces.push_back(bytes_of(text));
  }
  const auto sent = send(pair.client.get(), pieces);
  REQUIRE(sent);
  CHECK(*sent == whole.size());
  CHECK(received(pair.server.get(), whole.size()) == whole);
}

TEST_CASE("nothing to send is no would-block") {
  const socket_pair pair;
  const std::array<const_bytes, 2> empty{};
  const auto none = send(pair.client.get(), {});
  const auto only_empty = send(pair.client.get(), empty);
  REQUIRE(none);
  REQUIRE(only_empty);
  CHECK(*none + *only_empty == 0);
}

TEST_CASE("a full socket takes a part, then says would-block") {
  const socket_pair pair;
  const std::string much(64 * 1024, 'x');
  const std::vector<const_bytes> pieces(2000, bytes_of(much));
  std::size_t total = 0;
  auto sent = send(pair.client.get(), pieces);
  REQUIRE(sent);
  CHECK(*sent < pieces.size() * much.size());
  while (sent) {
    total += *sent;
    sent = send(pair.client.get(), pieces);
  }
  CHECK(sent.error() == error(EAGAIN));
  CHECK(total > 0);
}

TEST_CASE("a FIN is a received zero") {
  const socket_pair pair;
  shut_down_sending(pair.client.get());
  CHECK(received(pair.server.get(), 1).empty());
}

TEST_CASE("a reset is an error, and sending into it raises no signal") {
  socket_pair pair;
  const std::string text = "x";
  const const_bytes piece = bytes_of(text);
  reset_on_close(pair.client.get());
  pair.client.close();
  wait_for(pair.server.get(), POLLERR);
  CHECK(send(pair.server.get(), {&piece, 1}).error() == std::errc::connection_reset);
  CHECK(send(pair.server.get(), {&piece, 1}).error() == std::errc::broken_pipe);
}

TEST_CASE("without descriptors the spare one turns waiting peers away") {
  socket_pair pair;
  spare_descriptor spare;
  std::array<result<descriptor>, 3> waiting{connect_socket(pair.where), connect_socket(pair.where),
                                            connect_socket(pair.where)};
  for (auto& one : waiting) {
    REQUIRE(one);
    wait_for(one->get(), POLLOUT);
  }
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 0;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const error failure = accept_socket(pair.listening.get()).error();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);

  CHECK(failure == std::errc::too_many_files_open);
  CHECK(is_out_of_descriptors(failure));
  CHECK_FALSE(is_peer_gone(failure));
  CHECK(spare.shed(pair.listening.get(), 2) == 2);
  CHECK(accept_socket(pair.listening.get()));
  CHECK(spare.shed(pair.listening.get(), 2) == 0);
}

TEST_CASE("SIGPIPE is ignored only where nobody else decided about it") {
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  ignore_sigpipe();
  CHECK(std::signal(SIGPIPE, [](int) {}) == SIG_IGN);
  ignore_sigpipe();
  const auto kept = std::signal(SIGPIPE, before);
  CHECK(kept != SIG_IGN);
  CHECK(kept != SIG_DFL);
}

}  // namespace drywire
