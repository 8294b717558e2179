// Standard output, written while the loop goes on.
#pragma once

#include "stoppable_wait.hpp"

#include <drywire/base/bytes.hpp>
#include <drywire/base/inplace_function.hpp>
#include <drywire/loop/error.hpp>
#include <drywire/loop/loop_core.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace drywire::tools {

/// Written in a thread of its own: writing may block, for as long as nobody reads.
class slow_output {
 public:
  using ready = inplace_function<void()>;

  static constexpr std::size_t waiting_bytes_max = 64 * 1024;

  /// The descriptor outlives it. Throws failure.
  slow_output(int to, loop_remote loop);
  slow_output(const slow_output&) = delete;
  slow_output& operator=(const slow_output&) = delete;
  /// Ends the thread; what it hasn't written is lost.
  ~slow_output();

  /// Called on the loop's thread when there is room behind a full(), and when writing fails.
  void when_ready(ready call) noexcept { *ready_ = std::move(call); }
  /// Takes all of it, however much waits; behind a failure for nothing.
  void write(const_bytes bytes);
  /// waiting_bytes_max or more wait: whoever minds memory gives no more until it is ready.
  [[nodiscard]] bool full() noexcept;
  /// Waits until all is written, or writing has failed.
  void flush() noexcept;
  /// What went wrong: EPIPE when nobody reads any more.
  [[nodiscard]] error why() noexcept;

 private:
  void write_all() noexcept;
  [[nodiscard]] error write_out(std::string_view text) const noexcept;

  int to_;
  stoppable_wait room_;
  loop_remote loop_;
  std::shared_ptr<ready> ready_ = std::make_shared<ready>();  // a posted call may outlive this

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::size_t writing_ = 0;  // bytes that the thread has taken and not written
  bool wanted_ = false;      // full() was true
  bool stopping_ = false;
  error why_;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace drywire::tools
