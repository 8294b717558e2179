// A folder as a page with links to what is in it.
#pragma once

#include "file_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace drywire::tools {

struct folder_entry {
  std::string name;
  bool is_folder = false;
  std::uint64_t size = 0;
  std::int64_t modified_unix_seconds = 0;
};

struct folder_listing {
  std::vector<folder_entry> entries = {};  ///< by name, the bytes compared
  bool complete = true;                    ///< false: there are more than the limit
};

/// Regular files and folders; nothing whose name begins with a dot, and no symbolic link, as the
/// file_tree wouldn't follow it. No more than `entries_max` are looked at, of whatever kind, so
/// that the time it takes has a bound; of a larger folder some are left out. Empty when it can't be
/// read.
[[nodiscard]] std::optional<folder_listing> read_folder(descriptor folder, std::size_t entries_max);

/// In HTML. Names are whatever bytes they are; nothing of them can become markup or an address
/// elsewhere.
[[nodiscard]] std::string folder_page(const target_path& path, const folder_listing& listing);

}  // namespace drywire::tools
