// A file, or parts of it, as the body of a response: read while it is sent, in constant memory.
#pragma once

#include "file_tree.hpp"

#include <drywire/adapters/exchange.hpp>
#include <drywire/protocol/http_ranges.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace drywire::tools {

/// Gives so many bytes of the file, from `first` on. A file that has become shorter, or can't be
/// read, fails, so that the response is cut off and doesn't look complete.
class file_source final : public owned_body_source {
 public:
  file_source(descriptor file, std::uint64_t first, std::uint64_t size) noexcept
      : file_(std::move(file)), at_(first), left_(size) {}

  result pull(mutable_bytes to) noexcept override;

 private:
  descriptor file_;
  std::uint64_t at_;
  std::uint64_t left_;
};

/// Ranges of a file, each behind a text of its own, and a text behind the last.
class parts_source final : public owned_body_source {
 public:
  struct part {
    std::string before;
    http::byte_range bytes;
  };

  parts_source(descriptor file, std::vector<part> parts, std::string end) noexcept
      : file_(std::move(file)), parts_(std::move(parts)), end_(std::move(end)) {}

  /// In bytes, all of it.
  [[nodiscard]] std::uint64_t size() const noexcept;
  result pull(mutable_bytes to) noexcept override;

 private:
  descriptor file_;
  std::vector<part> parts_;
  std::string end_;
  std::size_t part_ = 0;
  std::uint64_t at_ = 0;  // in the part: its text, then its bytes
};

/// A text that is too long to be queued as a whole.
class text_source final : public owned_body_source {
 public:
  explicit text_source(std::string text) noexcept : text_(std::move(text)) {}

  result pull(mutable_bytes to) noexcept override;

 private:
  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace drywire::tools
