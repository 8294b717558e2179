// A server that answers by the book of a test, for what no well-behaved server would say.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace drywire::traffic {

/// Takes one connection after the other on a free port of 127.0.0.1. From each it reads a request's
/// head, and as much of a body as its Content-Length says, sends its answer, and closes.
class scripted_server {
 public:
  /// The pieces of an answer; before each but the first it waits for go_on().
  using answer = std::vector<std::string>;

  /// Throws std::runtime_error when it can't listen. Further connections are closed unread.
  explicit scripted_server(std::vector<answer> answers);
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;
  ~scripted_server();

  [[nodiscard]] std::string url(const std::string& path = "/") const;
  void go_on();
  /// What the n-th connection said, from 0. Waits until it has been read.
  [[nodiscard]] std::string request(std::size_t n);

 private:
  void serve() noexcept;
  void talk(int connection, const answer& pieces);
  bool wait_for_piece();

  std::vector<answer> answers_;
  int listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> requests_;
  unsigned released_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace drywire::traffic
