#include "file_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace drywire::tools {

http1::body_source::result file_source::pull(mutable_bytes to) noexcept {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), left_));
  if (wanted == 0) return {0, state::end};
  ssize_t n = 0;
  do {
    n = ::read(file_.get(), to.data(), wanted);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) return {0, state::failed};
  left_ -= static_cast<std::uint64_t>(n);
  return {static_cast<std::size_t>(n), left_ == 0 ? state::end : state::more};
}

}  // namespace drywire::tools
