// The files below one folder, by the target of a request: there is no way out of the folder, and
// only regular files are given.
//
// A target's path is cut at its slashes, then each part is percent-decoded, once. A part that is
// "." or "..", is empty, or has a slash or NUL in it after that, names nothing. Symbolic links are
// never followed, wherever they lead. The kernel sees to that in one call (openat2, Linux 5.6);
// where it can't, each part is opened by itself.
#pragma once

#include <cstdint>
#include <optional>
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

struct target_path {
  std::vector<std::string> parts;  ///< decoded
  bool is_folder = false;          ///< it ends in a slash
};

/// The path of an origin-form or absolute-form target, without its query. Empty when it names
/// nothing below a folder.
[[nodiscard]] std::optional<target_path> parse_target(std::string_view target);

/// "/a/b/" of the parts, percent-encoded: as a Location, it can't be taken for another host's.
[[nodiscard]] std::string folder_location(const target_path& path);

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
  std::string name = {};  ///< of the file that was taken: index.html for a folder
};

class file_tree {
 public:
  enum class way : unsigned char { best, each_part };

  /// Throws failure when `root` isn't a folder that can be read.
  explicit file_tree(const std::string& root, way how = way::best);

  /// The file that `path` names: for a folder its index.html.
  [[nodiscard]] found_file find(const target_path& path) const;

 private:
  [[nodiscard]] descriptor open_below(const std::vector<std::string>& parts) const noexcept;
  [[nodiscard]] descriptor open_each_part(const std::vector<std::string>& parts) const noexcept;

  descriptor root_;
  bool in_one_call_;
};

}  // namespace drywire::tools
