// A file as the answer to GET or HEAD: conditions and ranges of RFC 9110, and its gzipped twin.
#pragma once

#include "file_tree.hpp"
#include "reply.hpp"

#include <cstddef>
#include <cstdint>

namespace drywire::tools {

/// What is known of a file beside itself.
struct file_terms {
  std::int64_t now_unix_seconds = 0;
  std::size_t ranges_max = 0;  ///< a request for more of them is answered with the whole file
  bool gzipped = false;        ///< it is the content coding gzip of what is asked for
  bool has_twin = false;       ///< which of two files it is depends on Accept-Encoding
};

/// Precondition: file.what is found_file::state::file.
///
/// A file that was modified within the last two seconds, or will be, has neither ETag nor
/// Last-Modified: it may change again without either of them changing, as far as file systems can
/// tell times apart. So both are strong, RFC 9110 8.8.1 and 8.8.2.2.
void give_file(reply& to, found_file file, const file_terms& terms);

}  // namespace drywire::tools
