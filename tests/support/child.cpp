#include "child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace drywire::traffic {

namespace {

constexpr int patience_ms = 30'000;

std::runtime_error trouble(const std::string& what, int why) {
  return std::runtime_error(what + ": " + std::strerror(why));
}

}  // namespace

child::child(const arguments& argv, bool with_errors) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw trouble("pipe", errno);
  std::vector<char*> raw;
  for (const std::string& a : argv) raw.push_back(const_cast<char*>(a.c_str()));
  raw.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  if (with_errors) ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  const int why = ::posix_spawnp(&pid_, raw[0], &actions, nullptr, raw.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  output_ = ends[0];
  if (why == 0) return;
  ::close(output_);
  throw trouble(argv[0], why);
}

child::~child() {
  if (!waited_) {
    send_signal(SIGKILL);
    static_cast<void>(wait());
  }
  ::close(output_);
}

// False at the end of output, or when nothing comes for long.
bool child::fill() {
  pollfd p{output_, POLLIN, 0};
  char block[4096];
  if (::poll(&p, 1, patience_ms) != 1) return false;
  const ssize_t n = ::read(output_, block, sizeof(block));
  if (n <= 0) return false;
  read_.append(block, static_cast<std::size_t>(n));
  return true;
}

std::string child::read_line() {
  while (read_.find('\n') == std::string::npos && fill()) {
  }
  const std::size_t end = read_.find('\n');
  std::string line = read_.substr(0, end);
  read_.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

std::string child::read_all() {
  while (fill()) {
  }
  return std::exchange(read_, {});
}

void child::send_signal(int number) const noexcept {
  if (!waited_) ::kill(pid_, number);
}

int child::wait() noexcept {
  int raw = 0;
  if (waited_) return status_;
  while (::waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
  }
  waited_ = true;
  status_ = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
  return status_;
}

finished run(const arguments& argv) {
  child c(argv, true);
  std::string output = c.read_all();
  return {c.wait(), std::move(output)};
}

bool installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string rest = std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin:";
  for (std::size_t colon = 0; (colon = rest.find(':')) != std::string::npos;) {
    const std::string file = rest.substr(0, colon) + "/" + program;
    if (::access(file.c_str(), X_OK) == 0) return true;
    rest.erase(0, colon + 1);
  }
  return false;
}

// server

namespace {

arguments serve_command(const std::string& drywire, const std::string& loop,
                        const arguments& more) {
  arguments all{drywire, "serve", "--loop", loop, "--listen", "127.0.0.1:0"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

server::server(const std::string& drywire, const std::string& loop, const arguments& more)
    : process_(serve_command(drywire, loop, more), true) {
  static const std::string beginning = "listening on 127.0.0.1:";
  const std::string line = process_.read_line();
  if (!line.starts_with(beginning)) throw std::runtime_error("no server: " + line);
  port_ = static_cast<std::uint16_t>(std::stoul(line.substr(beginning.size())));
}

std::string server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::size_t server::most_memory() const {
  std::ifstream status("/proc/" + std::to_string(process_.pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  }
  throw std::runtime_error("no VmHWM of the server: has it gone?");
}

std::string server::stop(int& status) {
  process_.send_signal(SIGTERM);
  std::string rest = process_.read_all();
  status = process_.wait();
  return rest;
}

// temporary_folder

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

temporary_folder::temporary_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "drywire-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw trouble(path, errno);
  path_ = path;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void temporary_folder::write(const std::string& name, const std::string& text) const {
  const std::filesystem::path file = std::filesystem::path(path_) / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  const timespec fixed{1'000'000'000, 0};
  const timespec times[] = {fixed, fixed};
  if (::utimensat(AT_FDCWD, file.c_str(), times, 0) != 0) throw trouble(file.string(), errno);
}

}  // namespace drywire::traffic
