#include <drywire/contract/raw_peer.hpp>
#include <drywire/contract/world.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cerrno>

namespace drywire::contract {

namespace {

socket_calls& sockets() { return present_world().sockets(); }

bool connects_within(int fd, duration time) {
  return present_world().wait_writable(fd, time) && !sockets().pending_error(fd);
}

descriptor begun_socket(const endpoint& where) {
  auto begun = sockets().connect(where);
  REQUIRE(begun);
  return std::move(*begun);
}

descriptor listening_socket(const endpoint& where, int backlog) {
  auto made = sockets().listen(where, {.backlog = backlog});
  REQUIRE(made);
  return std::move(*made);
}

}  // namespace

raw_peer::raw_peer(const endpoint& where) : fd_(begun_socket(where)) {
  REQUIRE(connects_within(fd(), seconds(10)));
}

void raw_peer::write(std::string_view bytes) const { REQUIRE(write_some(bytes) == bytes.size()); }

std::size_t raw_peer::write_some(std::string_view bytes) const {
  std::size_t sent = 0;
  while (sent != bytes.size()) {
    const const_bytes rest = text_bytes(bytes.substr(sent));
    const auto taken = sockets().send(fd(), {&rest, 1});
    if (!taken) break;
    sent += *taken;
  }
  return sent;
}

void raw_peer::read() {
  std::string chunk(std::size_t{256} * 1024, '\0');
  while (fd_ && !ended()) {
    const auto got =
        sockets().receive(fd(), std::as_writable_bytes(std::span(chunk.data(), chunk.size())));
    if (!got && got.error() == error(EAGAIN)) return;
    if (!got) {
      failure = got.error();
    } else if (*got == 0) {
      eof = true;
    } else {
      received.append(chunk, 0, *got);
    }
  }
}

void raw_peer::fin() const { REQUIRE(sockets().shut_down_sending(fd())); }

void raw_peer::reset() {
  sockets().reset_on_close(fd());
  fd_.close();
}

void raw_peer::close() { fd_.close(); }

endpoint raw_peer::local() const { return sockets().local(fd()); }

error raw_peer::pending_error() const { return sockets().pending_error(fd()); }

std::size_t raw_peer::unacknowledged() const { return sockets().unacknowledged(fd()); }

raw_listener::raw_listener(const endpoint& where, int backlog)
    : fd_(listening_socket(where, backlog)) {}

endpoint raw_listener::local() const { return sockets().local(fd_.get()); }

raw_peer raw_listener::accept() const {
  REQUIRE(present_world().wait_readable(fd_.get(), seconds(10)));
  auto taken = sockets().accept(fd_.get());
  REQUIRE(taken);
  return raw_peer(std::move(taken->fd));
}

full_listener::full_listener() : listening_(endpoint::loopback_v4(0), 0) {
  while (waiting_.empty() || connects_within(waiting_.back().get(), milliseconds(20))) {
    REQUIRE(waiting_.size() < 64);
    waiting_.push_back(begun_socket(listening_.local()));
  }
}

endpoint closed_port() {
  return sockets().local(listening_socket(endpoint::loopback_v4(0), 1).get());
}

bool machine_has_ipv6() { return bool(sockets().listen(endpoint::loopback_v6(0), {})); }

}  // namespace drywire::contract
