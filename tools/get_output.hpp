// Where `drywire get` writes what came: standard output, or a file.
#pragma once

#include "file_tree.hpp"

#include <drywire/base/bytes.hpp>
#include <drywire/loop/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace drywire::tools {

/// Writes at once and waits until all is written, so it holds nothing. Once something went wrong
/// all further calls are false.
class get_output {
 public:
  /// An empty path is standard output. A file is neither made nor changed before begin().
  explicit get_output(std::string path) : path_(std::move(path)) {}

  /// Bytes that the file has now; 0 without one.
  [[nodiscard]] std::uint64_t present() const noexcept;
  /// Opens the file, makes it if it isn't there, and cuts it off behind `offset` bytes, where
  /// writing goes on. No effect on standard output.
  [[nodiscard]] bool begin(std::uint64_t offset) noexcept;
  /// False, too, before begin() of a file.
  [[nodiscard]] bool write(const_bytes bytes) noexcept;
  [[nodiscard]] bool write(std::string_view text) noexcept { return write(text_bytes(text)); }

  /// What went wrong: EPIPE when nobody reads any more.
  [[nodiscard]] error why() const noexcept { return why_; }
  /// Bytes of this run that were written.
  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
  /// Where to, for messages.
  [[nodiscard]] std::string name() const { return path_.empty() ? "standard output" : path_; }

 private:
  bool fail() noexcept;

  std::string path_;
  descriptor file_;
  std::uint64_t written_ = 0;
  error why_;
};

}  // namespace drywire::tools
