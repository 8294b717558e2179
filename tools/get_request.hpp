// The request that the flags of `drywire get` call for.
#pragma once

#include "get.hpp"
#include "upload_source.hpp"

#include <drywire/adapters/http_call.hpp>
#include <drywire/loop/loop_core.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace drywire::tools {

/// Holds what the request's views look at, so it lives until the call has been started.
class get_request {
 public:
  /// `present`: bytes that are there already, with --continue. Throws failure for a body that can't
  /// be read, and a user name or password in the URL.
  get_request(const get_flags& wanted, std::uint64_t present, const loop_remote& loop);

  /// Once.
  [[nodiscard]] http_request take();
  /// The source of the body, if it may have to wait for bytes; null else.
  [[nodiscard]] slow_input* slow() const noexcept { return body_.slow; }

 private:
  void add(std::string_view name, std::string value);

  const get_flags& wanted_;
  std::string method_;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::vector<http1::field> views_;
  upload body_;
};

}  // namespace drywire::tools
