#include "scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>

namespace drywire::traffic {

namespace {

std::string read_request(int connection) {
  std::string request;
  std::size_t wanted = std::string::npos;
  char block[65536];
  while (request.size() < wanted) {
    const ssize_t n = ::recv(connection, block, sizeof block, 0);
    if (n <= 0) break;
    request.append(block, static_cast<std::size_t>(n));
    const std::size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const std::size_t length = request.find("Content-Length: ");
    wanted = end + 4;
    if (length < end) wanted += std::strtoul(request.c_str() + length + 16, nullptr, 10);
  }
  return request;
}

}  // namespace

scripted_server::scripted_server(std::vector<answer> answers)
    : answers_(std::move(answers)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, any, &size) != 0) {
    throw std::runtime_error("scripted_server can't listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

scripted_server::~scripted_server() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string scripted_server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

void scripted_server::go_on() {
  const std::lock_guard lock(mutex_);
  ++released_;
  changed_.notify_all();
}

std::string scripted_server::request(std::size_t n) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(30), [&] { return requests_.size() > n; });
  return requests_.size() > n ? requests_[n] : "no request";
}

void scripted_server::serve() noexcept {
  for (std::size_t n = 0;; ++n) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    if (n < answers_.size()) talk(connection, answers_[n]);
    ::close(connection);
  }
}

void scripted_server::talk(int connection, const answer& pieces) {
  std::string request = read_request(connection);
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    changed_.notify_all();
  }
  bool first = true;
  for (const std::string& piece : pieces) {
    if (!first && !wait_for_piece()) return;
    first = false;
    for (std::size_t at = 0; at < piece.size();) {
      const ssize_t n = ::send(connection, piece.data() + at, piece.size() - at, MSG_NOSIGNAL);
      if (n <= 0) return;
      at += static_cast<std::size_t>(n);
    }
  }
}

// False when the test is over.
bool scripted_server::wait_for_piece() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return released_ > 0 || ending_; });
  if (ending_) return false;
  --released_;
  return true;
}

}  // namespace drywire::traffic
