// What `drywire get` sends as a request's body: a file, or what a pipe or a terminal gives while it
// gives it.
#pragma once

#include "file_tree.hpp"
#include "stoppable_wait.hpp"

#include <drywire/adapters/owned_body_source.hpp>
#include <drywire/base/inplace_function.hpp>
#include <drywire/loop/loop_core.hpp>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace drywire::tools {

/// A regular file from where it stands to its end; can be sent again.
class whole_file final : public owned_body_source {
 public:
  whole_file(descriptor file, std::uint64_t begin, std::uint64_t size) noexcept
      : file_(std::move(file)), begin_(begin), size_(size) {}

  /// Fails if the file has become shorter.
  result pull(mutable_bytes to) noexcept override;
  bool rewind() noexcept override;

 private:
  descriptor file_;
  std::uint64_t begin_;
  std::uint64_t size_;
  std::uint64_t given_ = 0;
};

/// What comes out of a descriptor, read in a thread of its own: reading may block. Holds 64 KiB.
class slow_input final : public owned_body_source {
 public:
  using ready = inplace_function<void()>;

  slow_input(descriptor file, loop_remote loop);
  /// Ends the thread, even in the middle of a read that waits.
  ~slow_input() override;

  /// Called on the loop's thread when there is something behind a pull() that said `later`.
  void when_ready(ready call) noexcept { *ready_ = std::move(call); }
  result pull(mutable_bytes to) noexcept override;

 private:
  enum class holds : unsigned char { nothing, bytes, end, failure };

  void read_all() noexcept;

  descriptor file_;
  stoppable_wait bytes_;
  loop_remote loop_;
  std::shared_ptr<ready> ready_ = std::make_shared<ready>();  // a posted call may outlive this

  std::mutex mutex_;
  std::condition_variable emptied_;
  holds what_ = holds::nothing;
  bool wanted_ = false;  // pull() said `later`
  bool stopping_ = false;
  std::size_t begin_ = 0;  // of what is in block_
  std::size_t end_ = 0;
  std::array<std::byte, 64 * 1024> block_;
  std::thread thread_;  // last: it uses the rest
};

struct upload {
  std::unique_ptr<owned_body_source> source = {};
  std::optional<std::uint64_t> length = {};  ///< of a regular file
  slow_input* slow = nullptr;                ///< the source, if it is one
};

/// The file `path`; "-" is standard input. Throws failure when it can't be read.
[[nodiscard]] upload open_upload(const std::string& path, const loop_remote& loop);

}  // namespace drywire::tools
