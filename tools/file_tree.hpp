// The files below one folder, by the target of a request: there is no way out of the folder, and
// only regular files are given.
//
// Symbolic links are never followed, wherever they lead. The kernel sees to that in one call
// (openat2, Linux 5.6); where it can't, each part is opened by itself.
#pragma once

#include "target_path.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire::tools {

/// A file descriptor that closes itself.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor();

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct found_file {
  enum class state : unsigned char {
    file,
    folder,     ///< a folder whose name lacks the slash behind it
    absent,     ///< nothing by that name, or a way out
    forbidden,  ///< not readable for us, or neither a file nor a folder
    exhausted,  ///< no descriptor or memory left; it may pass
    failed,
  };

  state what = state::absent;
  descriptor fd = {};
  std::uint64_t size = 0;
  std::int64_t modified_unix_seconds = 0;
  std::uint32_t modified_nanoseconds = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::string name = {};  ///< of the file that was taken: index.html for a folder; no suffix
};

class file_tree {
 public:
  enum class way : unsigned char { best, each_part };

  /// Throws failure when `root` isn't a folder that can be read.
  explicit file_tree(const std::string& root, way how = way::best);

  /// The file that `path` names: for a folder its index.html. With a suffix, the file whose name
  /// has that behind it.
  [[nodiscard]] found_file find(const target_path& path, std::string_view suffix = {}) const;
  /// The folder that `path` names, open for reading, whether there is a slash behind it or not.
  [[nodiscard]] found_file find_folder(const target_path& path) const;

 private:
  [[nodiscard]] descriptor open_below(const std::vector<std::string>& parts,
                                      int how) const noexcept;
  [[nodiscard]] descriptor open_each_part(const std::vector<std::string>& parts,
                                          int how) const noexcept;

  descriptor root_;
  bool in_one_call_;
};

}  // namespace drywire::tools
