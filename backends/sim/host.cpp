#include "connection.hpp"
#include "endpoints.hpp"
#include "listening.hpp"
#include "state.hpp"

#include <drywire/sim/host.hpp>

#include <algorithm>
#include <cassert>
#include <cerrno>

namespace drywire::sim {

namespace {

constexpr int first_descriptor = 3;

// The ports that a system chooses, as on Linux.
constexpr std::uint16_t free_port_min = 32'768;
constexpr std::uint16_t free_port_max = 60'999;

constexpr std::size_t descriptors_lack_once_in = 64;
constexpr std::size_t would_block_once_in = 8;

}  // namespace

host::host(state& s, std::uint32_t number) noexcept
    : state_(s), number_(number), last_port_(free_port_max) {
  slots_.resize(first_descriptor);
}

host::~host() = default;

endpoint host::v4(std::uint16_t port) const noexcept { return address_v4(number_, port); }
endpoint host::v6(std::uint16_t port) const noexcept { return address_v6(number_, port); }

void host::vanish() noexcept { vanished_ = true; }

void host::come_back() noexcept {
  vanished_ = false;
  for (connection* c = state_.connections; c != nullptr; c = c->next()) c->resume(*this);
}

// Descriptors.

bool host::lacks_descriptors() noexcept {
  return open_ >= open_max_ || state_.strikes(fault::descriptors, descriptors_lack_once_in);
}

int host::open(slot used) noexcept {
  ++open_;
  if (free_.empty()) {
    slots_.push_back(used);
    return static_cast<int>(slots_.size()) - 1;
  }
  const int fd = free_.back();
  free_.pop_back();
  at(fd) = used;
  return fd;
}

void host::close(int fd) noexcept {
  const slot closed = std::exchange(at(fd), slot());
  --open_;
  free_.push_back(fd);
  if (closed.joined != nullptr) return closed.joined->close(closed.side);
  std::erase_if(listeners_, [&](const auto& one) { return one.get() == closed.listens; });
}

void host::set_watch(int fd, sim_watch* watch) noexcept {
  const slot& s = at(fd);
  if (s.joined != nullptr) return s.joined->set_watch(s.side, watch);
  s.listens->watch = watch;
}

bool host::is_readable(int fd) const noexcept {
  const slot& s = at(fd);
  return s.joined != nullptr ? s.joined->is_readable(s.side) : !s.listens->empty();
}

bool host::is_writable(int fd) const noexcept {
  const slot& s = at(fd);
  return s.joined != nullptr && s.joined->is_writable(s.side);
}

// Addresses.

bool host::has_address(const endpoint& where) const noexcept {
  return is_any(where) || is_loopback(where) || host_number(where) == number_;
}

bool host::in_use(const endpoint& where, const listen_options& options) const noexcept {
  const listening wanted(where, options);
  return std::ranges::any_of(listeners_, [&](const auto& one) {
    if (one->local.port() != where.port() || (options.reuse_port && one->reuses_port())) {
      return false;
    }
    return one->takes(where) || wanted.takes(one->local);
  });
}

// 0 when there is none.
std::uint16_t host::free_port() noexcept {
  ports_used_.resize(std::size_t{1} << 16);
  for (int attempts = free_port_max - free_port_min; attempts >= 0; --attempts) {
    last_port_ =
        last_port_ == free_port_max ? free_port_min : static_cast<std::uint16_t>(last_port_ + 1);
    const bool listened = std::ranges::any_of(
        listeners_, [this](const auto& one) { return one->local.port() == last_port_; });
    if (ports_used_[last_port_] == 0 && !listened) return last_port_;
  }
  return 0;
}

void host::release_port(std::uint16_t port) noexcept { ports_used_[port] = 0; }

// Several that share a port are dealt connections at random.
listening* host::find_listening(const endpoint& to) noexcept {
  std::vector<listening*> found;
  for (const auto& one : listeners_) {
    if (one->local.port() == to.port() && one->takes(to)) found.push_back(one.get());
  }
  if (found.empty()) return nullptr;
  return found.size() == 1 ? found[0] : found[state_.random.below(found.size())];
}

// Opening.

result<descriptor> host::listen(const endpoint& where, const listen_options& options) noexcept {
  if (!is_internet(where)) return error(EAFNOSUPPORT);
  if (open_ >= open_max_) return error(EMFILE);
  if (!has_address(where)) return error(EADDRNOTAVAIL);
  endpoint bound = where;
  if (bound.port() == 0) bound.set_port(free_port());
  if (bound.port() == 0 || in_use(bound, options)) return error(EADDRINUSE);
  auto& made = listeners_.emplace_back(std::make_unique<listening>(bound, options));
  return descriptor(open({.listens = made.get()}), *this);
}

result<descriptor> host::connect(const endpoint& where) noexcept {
  if (!is_internet(where)) return error(EAFNOSUPPORT);
  if (lacks_descriptors()) return error(EMFILE);
  const std::uint16_t port = free_port();
  if (port == 0) return error(EADDRNOTAVAIL);
  ports_used_[port] = 1;
  endpoint to = where;
  if (is_any(to)) {
    to = to.is_v6() ? endpoint::loopback_v6(to.port()) : endpoint::loopback_v4(to.port());
  }
  endpoint from = to.is_v6() ? v6(port) : v4(port);
  if (is_loopback(to)) {
    from = to.is_v6() ? endpoint::loopback_v6(port) : endpoint::loopback_v4(port);
  }
  connection& begun = connection::begin(state_, *this, from, to);
  return descriptor(open({.joined = &begun, .side = connection::opener}), *this);
}

result<accepted_socket> host::accept(int fd) noexcept {
  if (lacks_descriptors()) return error(EMFILE);
  if (state_.strikes(fault::would_block, would_block_once_in)) return error(EAGAIN);
  connection* taken = at(fd).listens->take();
  if (taken == nullptr) return error(EAGAIN);
  taken->accepted();
  const int made = open({.joined = taken, .side = connection::acceptor});
  return accepted_socket{descriptor(made, *this), taken->peer()};
}

bool host::peer_waits(int fd) noexcept { return !at(fd).listens->empty(); }

std::size_t host::shed(int fd, std::size_t peers_max) noexcept {
  for (std::size_t i = 0; i != peers_max; ++i) {
    connection* first = at(fd).listens->take();
    if (first == nullptr) return i;
    first->turn_away();
  }
  return peers_max;
}

// What a connected socket does, its connection knows.

result<std::size_t> host::receive(int fd, mutable_bytes into) noexcept {
  const slot& s = at(fd);
  return s.joined->receive(s.side, into);
}

result<std::size_t> host::send(int fd, std::span<const const_bytes> pieces) noexcept {
  const slot& s = at(fd);
  return s.joined->send(s.side, pieces);
}

error host::pending_error(int fd) noexcept {
  const slot& s = at(fd);
  return s.joined != nullptr ? s.joined->pending_error(s.side) : error();
}

bool host::shut_down_sending(int fd) noexcept {
  const slot& s = at(fd);
  return s.joined->shut_down_sending(s.side);
}

std::size_t host::unacknowledged(int fd) noexcept {
  const slot& s = at(fd);
  return s.joined->unacknowledged(s.side);
}

void host::reset_on_close(int fd) noexcept {
  const slot& s = at(fd);
  if (s.joined != nullptr) s.joined->reset_on_close(s.side);
}

endpoint host::local(int fd) noexcept {
  const slot& s = at(fd);
  return s.joined != nullptr ? s.joined->local(s.side) : s.listens->local;
}

}  // namespace drywire::sim
