#include "file_tree.hpp"

#include "failure.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace drywire::tools {

descriptor::~descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

namespace {

// Nothing blocks on a FIFO, and no terminal becomes ours, before we know what it is.
constexpr int how_to_open = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

int open_in_one_call(int root, const char* path, int flags) noexcept {
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof(how)));
}

// Old kernels don't have the call, and some sandboxes refuse what they don't know.
bool can_open_in_one_call(int root) noexcept {
  return static_cast<bool>(descriptor(open_in_one_call(root, ".", how_to_open)));
}

found_file::state state_of(int why) noexcept {
  switch (why) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EXDEV:
    case ENAMETOOLONG: return found_file::state::absent;
    case EACCES:
    case EPERM:
    case ENXIO:
    case ENODEV: return found_file::state::forbidden;
    case EMFILE:
    case ENFILE:
    case ENOMEM: return found_file::state::exhausted;
    default: return found_file::state::failed;
  }
}

}  // namespace

file_tree::file_tree(const std::string& root, way how)
    : root_(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), in_one_call_(false) {
  if (!root_ || ::faccessat(root_.get(), ".", X_OK, AT_EACCESS) != 0) {
    throw failure("root '" + root + "': " + std::strerror(errno));
  }
  in_one_call_ = how == way::best && can_open_in_one_call(root_.get());
}

found_file file_tree::find(const target_path& path, std::string_view suffix) const {
  std::vector<std::string> parts = path.parts;
  if (path.is_folder) parts.emplace_back("index.html");
  found_file found;
  found.name = parts.back();
  parts.back() += suffix;
  found.fd = open_below(parts, how_to_open);
  struct stat about {};
  if (!found.fd || ::fstat(found.fd.get(), &about) != 0) {
    found.what = state_of(errno);
    return found;
  }
  found.what = S_ISREG(about.st_mode)                     ? found_file::state::file
               : S_ISDIR(about.st_mode) && path.is_folder ? found_file::state::absent
               : S_ISDIR(about.st_mode)                   ? found_file::state::folder
                                                          : found_file::state::forbidden;
  found.size = static_cast<std::uint64_t>(about.st_size);
  found.modified_unix_seconds = about.st_mtim.tv_sec;
  found.modified_nanoseconds = static_cast<std::uint32_t>(about.st_mtim.tv_nsec);
  found.device = about.st_dev;
  found.inode = about.st_ino;
  return found;
}

found_file file_tree::find_folder(const target_path& path) const {
  std::vector<std::string> parts = path.parts;
  if (parts.empty()) parts.emplace_back(".");
  found_file found;
  found.fd = open_below(parts, how_to_open | O_DIRECTORY);
  found.what = found.fd ? found_file::state::folder : state_of(errno);
  return found;
}

// The descriptor, or none and errno.
descriptor file_tree::open_below(const std::vector<std::string>& parts, int how) const noexcept {
  if (!in_one_call_) return open_each_part(parts, how);
  std::string path;
  for (const std::string& part : parts) path += (path.empty() ? "" : "/") + part;
  return descriptor(open_in_one_call(root_.get(), path.c_str(), how));
}

descriptor file_tree::open_each_part(const std::vector<std::string>& parts,
                                     int how) const noexcept {
  descriptor at;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int flags = i + 1 == parts.size() ? how : O_PATH | O_DIRECTORY | O_CLOEXEC;
    const int from = i == 0 ? root_.get() : at.get();
    descriptor next(::openat(from, parts[i].c_str(), flags | O_NOFOLLOW));
    if (!next) return next;
    at = std::move(next);
  }
  return at;
}

}  // namespace drywire::tools
