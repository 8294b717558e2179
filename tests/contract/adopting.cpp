// Descriptors that come from elsewhere, and go elsewhere.
#include "case.hpp"

#include <drywire/contract/pattern.hpp>
#include <drywire/contract/process.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

CONTRACT_LIST(adopting_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

// What isn't set is what adopt() has to set.
struct two_ends {
  descriptor first;
  descriptor second;
};

two_ends plain_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  return {descriptor(ends[0]), descriptor(ends[1])};
}

two_ends socket_pair(int type = SOCK_STREAM) {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, type, 0, ends.data()) == 0);
  return {descriptor(ends[0]), descriptor(ends[1])};
}

recording_handler& adopt(fixture& on, descriptor fd) {
  recording_handler& made = on.handler();
  const auto adopted = on.loop().adopt(fd.get(), made);
  INFO("adopt: " << adopted.error().name());
  REQUIRE(adopted);
  (void)fd.release();
  CHECK(made.order.empty());
  made.to = *adopted;
  return made;
}

void check_refused(fixture& on, const descriptor& fd, int code) {
  recording_handler& nobody = on.handler();
  const int flags = ::fcntl(fd.get(), F_GETFL);
  const auto adopted = on.loop().adopt(fd.get(), nobody);
  REQUIRE_FALSE(adopted);
  CHECK(adopted.error() == error(code));
  CHECK(::fcntl(fd.get(), F_GETFL) == flags);  // open still, and as it was
  on.turn();
  CHECK(nobody.order.empty());
}

void write_all(const descriptor& to, std::string_view bytes) {
  REQUIRE(::write(to.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
}

struct terminal {
  descriptor controlling;
  descriptor other;
};

terminal open_terminal(int way) {
  descriptor controlling(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(controlling);
  REQUIRE(::grantpt(controlling.get()) == 0);
  REQUIRE(::unlockpt(controlling.get()) == 0);
  descriptor other(::open(::ptsname(controlling.get()), way | O_NOCTTY | O_CLOEXEC));
  REQUIRE(other);
  return {std::move(controlling), std::move(other)};
}

std::string read_some(int from) {
  std::array<char, 4096> bytes{};
  const ssize_t size = ::read(from, bytes.data(), bytes.size());
  return size > 0 ? std::string(bytes.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

CONTRACT_CASE("adopted socket pair: both directions, then an orderly end", capability::adopt) {
  two_ends ends = socket_pair();
  recording_handler& a = adopt(on, std::move(ends.first));
  recording_handler& b = adopt(on, std::move(ends.second));
  CHECK(a.write("ping") == 4);
  on.run_until([&] { return b.text == "ping"; });
  CHECK(b.write("pong") == 4);
  on.run_until([&] { return a.text == "pong"; });
  CHECK(a.to->local() == endpoint::unix_unnamed());
  CHECK(a.to->peer() == endpoint::unix_unnamed());
  a.shutdown();
  on.run_until([&] { return b.eofs == 1; });
  CHECK(b.write("late") == 4);
  b.shutdown();
  on.run_until([&] { return a.ended() && b.ended(); });
  CHECK(a.text == "ponglate");
  CHECK(a.reason == error());
  CHECK(b.reason == error());
}

CONTRACT_CASE("adopted TCP socket: addresses, and what came before", capability::adopt) {
  const raw_listener listening;
  auto begun = connect_socket(listening.local());
  REQUIRE(begun);
  raw_peer peer = listening.accept();
  peer.write("before");
  recording_handler& adopted = adopt(on, std::move(*begun));
  on.run_until([&] { return adopted.text == "before"; });
  CHECK(adopted.to->peer() == listening.local());
  CHECK(adopted.to->local().port() != 0);
  CHECK(adopted.opens == 0);
  CHECK(adopted.write("back") == 4);
  on.run_until([&] {
    peer.read();
    return peer.received == "back";
  });
}

CONTRACT_CASE("an adopted descriptor is non-blocking and closed on exec", capability::adopt) {
  two_ends ends = plain_pipe();
  const int fd = ends.first.get();
  adopt(on, std::move(ends.first));
  CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
}

CONTRACT_CASE("adopted pipe EOF: its bytes, its end, and on_closed without an error",
              capability::adopt) {
  two_ends ends = plain_pipe();
  write_all(ends.second, "bytes");
  recording_handler& reading = adopt(on, std::move(ends.first));
  on.run_until([&] { return reading.text == "bytes"; });
  write_all(ends.second, " and more");
  ends.second.close();
  on.run_until([&] { return reading.ended(); });
  CHECK(reading.text == "bytes and more");
  CHECK(reading.eofs == 1);
  CHECK(reading.reason == error());
}

CONTRACT_CASE("adopted pipe: the reading end accepts no byte", capability::adopt) {
  two_ends ends = plain_pipe();
  recording_handler& reading = adopt(on, std::move(ends.first));
  CHECK(reading.write("x") == 0);
  reading.shutdown();
  on.turn();
  CHECK(reading.order.empty());
  write_all(ends.second, "still");
  on.run_until([&] { return reading.text == "still"; });
  reading.close();
  on.run_until([&] { return reading.ended(); });
  CHECK(reading.reason == error());
}

CONTRACT_CASE("adopted pipe: an end while paused waits, and burns no CPU", capability::adopt) {
  two_ends ends = plain_pipe();
  recording_handler& reading = adopt(on, std::move(ends.first));
  reading.pause();
  write_all(ends.second, "late");
  ends.second.close();
  on.turn();
  CHECK(reading.order.empty());
  on.expect_idle();
  reading.resume();
  on.run_until([&] { return reading.ended(); });
  CHECK(reading.order == "dec");
}

CONTRACT_CASE("adopted pipe: 1 MiB from its writing to its reading end", capability::adopt) {
  constexpr std::size_t size = std::size_t{1024} * 1024;
  two_ends ends = plain_pipe();
  recording_handler& reading = adopt(on, std::move(ends.first));
  recording_handler& writing = adopt(on, std::move(ends.second));
  const std::string bytes = pattern(size);
  std::size_t sent = 0;
  writing.then_writable = [&] {
    const std::string_view rest = std::string_view(bytes).substr(sent);
    const std::array<const_bytes, 3> pieces = {text_bytes(rest.substr(0, rest.size() / 2)),
                                               const_bytes(),
                                               text_bytes(rest.substr(rest.size() / 2))};
    sent += writing.write(pieces);
    if (sent == size) writing.shutdown();
  };
  writing.then_writable();
  CHECK(sent < size);
  on.run_until([&] { return reading.ended() && writing.ended(); });
  CHECK(reading.text == bytes);
  CHECK(reading.eofs == 1);
  CHECK(writing.eofs == 0);
  CHECK(writing.reason == error());
}

CONTRACT_CASE("adopted pipe: closing the writing end leaves its bytes to the reader",
              capability::adopt) {
  two_ends ends = plain_pipe();
  recording_handler& writing = adopt(on, std::move(ends.second));
  CHECK(writing.write("bequest") == 7);
  writing.close();
  on.run_until([&] { return writing.ended(); });
  CHECK(writing.order == "c");
  CHECK(writing.reason == error());
  CHECK(read_some(ends.first.get()) == "bequest");
  CHECK(read_some(ends.first.get()).empty());
}

CONTRACT_CASE("broken pipe on an adopted pipe: an idle writing end is told EPIPE",
              capability::adopt) {
  two_ends ends = plain_pipe();
  recording_handler& writing = adopt(on, std::move(ends.second));
  on.turn();
  CHECK(writing.order.empty());
  on.expect_idle();
  ends.first.close();
  on.run_until([&] { return writing.ended(); });
  CHECK(writing.order == "c");
  CHECK(writing.reason == error(EPIPE));
}

CONTRACT_CASE("broken pipe on an adopted pipe: a write says EPIPE, and SIGPIPE kills nobody",
              capability::adopt) {
  two_ends ends = plain_pipe();
  recording_handler& writing = adopt(on, std::move(ends.second));
  ends.first.close();
  CHECK(writing.write("x") == 0);
  on.run_until([&] { return writing.ended(); });
  CHECK(writing.order == "c");
  CHECK(writing.reason == error(EPIPE));
}

CONTRACT_CASE("broken pipe on an adopted pipe: one that waits for room is told EPIPE",
              capability::adopt) {
  two_ends ends = plain_pipe();
  recording_handler& writing = adopt(on, std::move(ends.second));
  CHECK(on.fill(writing) > 0);
  ends.first.close();
  on.run_until([&] { return writing.ended(); });
  CHECK(writing.reason == error(EPIPE));
  CHECK(writing.writables == 0);
}

CONTRACT_CASE("broken pipe on an adopted pipe: the program's own SIGPIPE handler is left alone",
              capability::adopt) {
  static volatile std::sig_atomic_t caught;
  caught = 0;
  struct sigaction own {};
  struct sigaction before {};
  own.sa_handler = [](int) { caught = caught + 1; };
  REQUIRE(::sigaction(SIGPIPE, &own, &before) == 0);
  {
    fixture other(on.tested());
    two_ends ends = plain_pipe();
    recording_handler& writing = adopt(other, std::move(ends.second));
    ends.first.close();
    CHECK(writing.write("x") == 0);
    other.run_until([&] { return writing.ended(); });
    CHECK(writing.reason == error(EPIPE));
    other.tear_down();
  }
  CHECK(caught == 1);
  ::sigaction(SIGPIPE, &before, nullptr);
}

CONTRACT_CASE("a peer that has shut its reading: a write is told EPIPE, though nothing comes",
              capability::adopt) {
  two_ends ends = socket_pair();
  recording_handler& writing = adopt(on, std::move(ends.first));
  on.turn();
  REQUIRE(::shutdown(ends.second.get(), SHUT_RD) == 0);
  on.turn();
  CHECK(writing.order.empty());
  CHECK(writing.write("x") == 0);
  on.run_until([&] { return writing.ended(); });
  CHECK(writing.order == "c");
  CHECK(writing.reason == error(EPIPE));
}

CONTRACT_CASE("regular file: refused by EPERM, as is all that can't be waited for",
              capability::adopt) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  check_refused(on, descriptor(::dup(::fileno(file))), EPERM);
  (void)std::fclose(file);
  check_refused(on, descriptor(::open("/tmp", O_RDONLY | O_CLOEXEC)), EPERM);
  check_refused(on, descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC)), EPERM);
}

CONTRACT_CASE("adopt: sockets that are no connected stream are refused", capability::adopt) {
  check_refused(on, descriptor(::socket(AF_INET, SOCK_STREAM, 0)), ENOTCONN);
  check_refused(on, descriptor(::socket(AF_INET, SOCK_DGRAM, 0)), EPROTOTYPE);
  check_refused(on, socket_pair(SOCK_DGRAM).first, EPROTOTYPE);
  auto listening = listen_socket(endpoint::loopback_v4(0), {});
  REQUIRE(listening);
  check_refused(on, *listening, EINVAL);
}

CONTRACT_CASE("adopt: what is no descriptor is EBADF", capability::adopt) {
  recording_handler& nobody = on.handler();
  CHECK(on.loop().adopt(-1, nobody).error() == error(EBADF));
}

CONTRACT_CASE("a child's stdout is read to its end", capability::adopt) {
  std::FILE* child = ::popen("printf 'first\\n'; printf 'last\\n'", "r");
  REQUIRE(child != nullptr);
  recording_handler& output = adopt(on, descriptor(::dup(::fileno(child))));
  on.run_until([&] { return output.ended(); });
  CHECK(output.text == "first\nlast\n");
  CHECK(output.eofs == 1);
  CHECK(output.reason == error());
  CHECK(::pclose(child) == 0);
}

CONTRACT_CASE("adopted terminal: lines in both directions", capability::adopt) {
  terminal ends = open_terminal(O_RDWR);
  recording_handler& shown = adopt(on, std::move(ends.controlling));
  recording_handler& typed = adopt(on, std::move(ends.other));
  CHECK(shown.write("ls\n") == 3);
  on.run_until([&] { return typed.text == "ls\n"; });
  CHECK(typed.write("file\n") == 5);
  on.run_until([&] { return shown.text.ends_with("file\r\n"); });
}

// A read gives one of them, which is less than there is.
CONTRACT_CASE("adopted terminal: lines that were typed at once all come", capability::adopt) {
  terminal ends = open_terminal(O_RDWR);
  recording_handler& typed = adopt(on, std::move(ends.other));
  write_all(ends.controlling, "one\ntwo\nthree\n");
  on.run_until([&] { return typed.text == "one\ntwo\nthree\n"; });
}

CONTRACT_CASE("adopted terminal: only written to, it burns no CPU when somebody types",
              capability::adopt) {
  terminal ends = open_terminal(O_WRONLY);
  recording_handler& writing = adopt(on, std::move(ends.other));
  write_all(ends.controlling, "typed\n");
  on.expect_idle();
  CHECK(writing.order.empty());
}

CONTRACT_CASE("release: the descriptor comes back with what wasn't read, and on_closed follows",
              capability::adopt) {
  two_ends ends = socket_pair();
  recording_handler& adopted = adopt(on, std::move(ends.first));
  adopted.to->read_max(5);
  int released = -1;
  adopted.then_data = [&](lent_buffer&) { released = adopted.release(); };
  write_all(ends.second, "firstsecond");
  on.run_until([&] { return adopted.ended(); });
  CHECK(adopted.order == "dc");
  CHECK(adopted.text == "first");
  CHECK(adopted.reason == error());
  const descriptor back(released);
  REQUIRE(back);
  CHECK(read_some(back.get()) == "second");
  write_all(ends.second, "third");
  on.turn();
  CHECK(read_some(back.get()) == "third");
  write_all(back, "answer");
  CHECK(read_some(ends.second.get()) == "answer");
}

CONTRACT_CASE("release: a stream may go from one loop to another", capability::adopt) {
  fixture other(on.tested());
  const fixture::joined both = on.join();
  const std::string before = both.client.to->local().to_string();
  both.client.pause();
  CHECK(both.server.write("kept") == 4);
  on.turn();
  recording_handler& moved = adopt(other, descriptor(both.client.release()));
  on.run_until([&] { return both.client.ended(); });
  CHECK(both.client.order == "oc");
  CHECK(moved.to->local().to_string() == before);
  other.run_until([&] { return moved.text == "kept"; });
  CHECK(moved.write("from afar") == 9);
  on.run_until([&] { return both.server.text == "from afar"; });
  other.tear_down();
}

CONTRACT_CASE("release: a released descriptor may come back to the same loop at once",
              capability::adopt) {
  two_ends ends = socket_pair();
  recording_handler& first = adopt(on, std::move(ends.first));
  write_all(ends.second, "a");
  on.run_until([&] { return first.text == "a"; });
  recording_handler& second = adopt(on, descriptor(first.release()));
  write_all(ends.second, "b");
  on.run_until([&] { return second.text == "b"; });
  CHECK(first.order == "dc");
  CHECK(second.order == "d");
}

CONTRACT_CASE("release: refused before on_open, after close and at the end", capability::adopt) {
  recording_listener& listening = on.listen();
  recording_handler& client = on.connect(listening.where);
  CHECK(client.to->release().error() == error(ENOTCONN));
  on.run_until([&] { return client.opens == 1 && listening.streams.size() == 1; });
  client.close();
  CHECK(client.to->release().error() == error(ENOTCONN));
  recording_handler& server = *listening.streams[0];
  server.abort();
  CHECK(server.to->release().error() == error(ENOTCONN));
  on.run_until([&] { return client.ended() && server.ended(); });
}

// A system resets what it closes with bytes unread.
CONTRACT_CASE("read_max: close with more unread than a turn would lend is an orderly end",
              capability::adopt) {
  two_ends ends = socket_pair();
  recording_handler& adopted = adopt(on, std::move(ends.first));
  adopted.to->read_max(1);
  adopted.pause();
  const int room = 1024 * 1024;
  REQUIRE(::setsockopt(ends.second.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
  const std::string piece = pattern(std::size_t{16} * 1024);
  for (int sent = 0; sent < room; sent += static_cast<int>(piece.size())) {
    if (::send(ends.second.get(), piece.data(), piece.size(), MSG_DONTWAIT) < 0) break;
  }
  on.turn();
  adopted.close();
  on.run_until([&] { return adopted.ended(); });
  CHECK(adopted.order == "c");
  CHECK(adopted.reason == error());
  std::byte none{};
  CHECK(::read(ends.second.get(), &none, 1) == 0);
}

CONTRACT_CASE("read_max: no on_data lends more, and nothing is lost", capability::adopt) {
  two_ends ends = socket_pair();
  recording_handler& adopted = adopt(on, std::move(ends.first));
  std::size_t largest = 0;
  adopted.then_data = [&](lent_buffer& lent) { largest = std::max(largest, lent.bytes().size()); };
  adopted.to->read_max(7);
  const std::string bytes = pattern(1000);
  write_all(ends.second, bytes);
  on.run_until([&] { return adopted.received == bytes.size(); });
  CHECK(largest == 7);
  adopted.to->read_max(0);  // as good as 1
  write_all(ends.second, "xyz");
  on.run_until([&] { return adopted.received == bytes.size() + 3; });
  CHECK(adopted.text == bytes + "xyz");
  CHECK(adopted.datas == (1000 + 6) / 7 + 3);
}
