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

// Targets.

namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Empty for what isn't hexadecimal behind a percent sign.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return {};
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return {};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool names_an_entry(std::string_view part) noexcept {
  constexpr std::string_view not_in_names("/\0", 2);
  return !part.empty() && part != "." && part != ".." &&
         part.find_first_of(not_in_names) == part.npos;
}

std::string_view path_of(std::string_view target) noexcept {
  if (!target.starts_with('/')) {
    const std::size_t authority = target.find("://");
    if (authority == target.npos) return {};
    const std::size_t path = target.find_first_of("/?", authority + 3);
    if (path == target.npos || target[path] == '?') return "/";
    target.remove_prefix(path);
  }
  return target.substr(0, target.find_first_of("?#"));
}

}  // namespace

std::optional<target_path> parse_target(std::string_view target) {
  std::string_view rest = path_of(target);
  target_path path;
  if (rest.empty()) return {};
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    auto part = percent_decoded(rest.substr(0, slash));
    if (!part || !names_an_entry(*part)) return {};
    path.parts.push_back(std::move(*part));
    if (slash == rest.npos) return path;
    rest.remove_prefix(slash + 1);
  }
  path.is_folder = true;
  return path;
}

std::string folder_location(const target_path& path) {
  static constexpr char hex[] = "0123456789ABCDEF";
  static constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out = "/";
  for (const std::string& part : path.parts) {
    for (const char c : part) {
      const auto u = static_cast<unsigned char>(c);
      if (plain.find(c) != plain.npos) {
        out += c;
      } else {
        out += {'%', hex[u >> 4], hex[u & 15]};
      }
    }
    out += '/';
  }
  return out;
}

// Files.

namespace {

// Nothing blocks on a FIFO, and no terminal becomes ours, before we know what it is.
constexpr int how_to_open = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

int open_in_one_call(int root, const char* path) noexcept {
  open_how how{};
  how.flags = how_to_open;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof(how)));
}

// Old kernels don't have the call, and some sandboxes refuse what they don't know.
bool can_open_in_one_call(int root) noexcept {
  return static_cast<bool>(descriptor(open_in_one_call(root, ".")));
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

found_file file_tree::find(const target_path& path) const {
  std::vector<std::string> parts = path.parts;
  if (path.is_folder) parts.emplace_back("index.html");
  found_file found;
  struct stat about {};
  found.fd = open_below(parts);
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
  found.name = std::move(parts.back());
  return found;
}

// The descriptor, or none and errno.
descriptor file_tree::open_below(const std::vector<std::string>& parts) const noexcept {
  if (!in_one_call_) return open_each_part(parts);
  std::string path;
  for (const std::string& part : parts) path += (path.empty() ? "" : "/") + part;
  return descriptor(open_in_one_call(root_.get(), path.c_str()));
}

descriptor file_tree::open_each_part(const std::vector<std::string>& parts) const noexcept {
  descriptor at;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int flags = i + 1 == parts.size() ? how_to_open : O_PATH | O_DIRECTORY | O_CLOEXEC;
    const int from = i == 0 ? root_.get() : at.get();
    descriptor next(::openat(from, parts[i].c_str(), flags | O_NOFOLLOW));
    if (!next) return next;
    at = std::move(next);
  }
  return at;
}

}  // namespace drywire::tools
