// What a loop lacks, asking it for says ENOTSUP, and calls nothing.
#include <drywire/loop/socket_backend.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cerrno>

using namespace drywire;

namespace {

// Has what a test gives it, but no socket: who gets as far as asking for one is told ENOSYS.
class poor_backend final : private loop_host, public socket_backend {
 public:
  explicit poor_backend(capability has_them)
      : socket_backend(static_cast<loop_host&>(*this), sockets_), has_(has_them) {}
  ~poor_backend() override {
    core().shut_down();
    close_all();
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "poor"; }
  [[nodiscard]] capability capabilities() const noexcept override { return has_; }
  [[nodiscard]] error run() noexcept override { return error(ENOTSUP); }
  bool run_once(duration) noexcept override { return false; }
  void turn() noexcept { core().turn(); }

 private:
  void wake() noexcept override {}
  void set_deadline(instant) noexcept override {}
  void stop() noexcept override {}
  [[nodiscard]] result<socket_watch*> watch(int, watched_socket&) noexcept override {
    return error(ENOSYS);
  }

  system_sockets sockets_;
  capability has_;
};

struct silent_acceptor final : accept_handler {
  void on_accept(listener&, stream&) noexcept override {}
};

struct reason_keeper final : stream_handler {
  void on_data(stream&, lent_buffer&) noexcept override {}
  void on_eof(stream&) noexcept override {}
  void on_closed(stream&, error why) noexcept override { reason = why; }
  error reason;
};

struct silent_receiver final : datagram_handler {
  void on_datagram(datagram_socket&, lent_buffer&, const endpoint&, bool) noexcept override {}
  void on_closed(datagram_socket&, error) noexcept override {}
};

error listen_error(capability has_them, const endpoint& where, const listen_options& options = {}) {
  poor_backend loop(has_them);
  silent_acceptor handler;
  return loop.listen(where, handler, options).error();
}

error connect_error(capability has_them, const endpoint& where) {
  poor_backend loop(has_them);
  reason_keeper handler;
  (void)loop.connect(where, handler);
  CHECK_FALSE(handler.reason);
  loop.turn();
  return handler.reason;
}

error bind_error(capability has_them, const endpoint& where, const datagram_options& options = {}) {
  poor_backend loop(has_them);
  silent_receiver handler;
  return loop.bind_datagram(where, handler, options).error();
}

const endpoint abstract = *endpoint::unix_abstract("drywire lacking");
constexpr error lacking(ENOTSUP);
constexpr error asked(ENOSYS);

}  // namespace

TEST_CASE("families that a loop lacks") {
  const endpoint path = *endpoint::unix_path("/no/such/folder/s");
  CHECK(listen_error(capability::none, endpoint::loopback_v4(0)) == asked);
  for (const endpoint& where : {endpoint::loopback_v6(0), path, abstract}) {
    INFO(where.to_string());
    CHECK(listen_error(capability::none, where) == lacking);
    CHECK(connect_error(capability::none, where) == lacking);
    CHECK(bind_error(capability::datagrams, where) == lacking);
  }
  CHECK(listen_error(capability::unix_sockets, path) == error(ENOENT));
  CHECK(connect_error(capability::unix_sockets, path) == error(ENOENT));
}

TEST_CASE("abstract names that a loop lacks") {
  constexpr capability names = capability::unix_sockets | capability::abstract_names;
  CHECK(listen_error(capability::unix_sockets, abstract) == lacking);
  CHECK(connect_error(capability::unix_sockets, abstract) == lacking);
  CHECK(bind_error(capability::datagrams | capability::unix_sockets, abstract) == lacking);
  CHECK(listen_error(names, abstract) == asked);
  CHECK(bind_error(capability::datagrams | names, abstract) == asked);
}

TEST_CASE("shared ports that a loop lacks") {
  const endpoint where = endpoint::loopback_v4(0);
  CHECK(listen_error(capability::none, where, {.reuse_port = true}) == lacking);
  CHECK(listen_error(capability::reuse_port, where, {.reuse_port = true}) == asked);
  CHECK(bind_error(capability::datagrams, where, {.reuse_port = true}) == lacking);
}

TEST_CASE("datagrams that a loop lacks") {
  CHECK(bind_error(capability::none, endpoint::loopback_v4(0)) == lacking);
  CHECK(bind_error(capability::datagrams, endpoint::loopback_v4(0)) == asked);
}

TEST_CASE("adopting that a loop lacks") {
  reason_keeper handler;
  const int fd = -1;
  CHECK(poor_backend(capability::none).adopt(fd, handler).error() == lacking);
  CHECK(poor_backend(capability::adopt).adopt(fd, handler).error() == error(EBADF));
}
