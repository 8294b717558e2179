// A file as the body of a response: read while it is sent, in constant memory.
#pragma once

#include "file_tree.hpp"

#include <drywire/adapters/exchange.hpp>

#include <cstdint>

namespace drywire::tools {

/// Gives the first `size` bytes of the file. A file that has become shorter, or can't be read,
/// fails, so that the response is cut off and doesn't look complete.
class file_source final : public owned_body_source {
 public:
  file_source(descriptor file, std::uint64_t size) noexcept : file_(std::move(file)), left_(size) {}

  result pull(mutable_bytes to) noexcept override;

 private:
  descriptor file_;
  std::uint64_t left_;
};

}  // namespace drywire::tools
