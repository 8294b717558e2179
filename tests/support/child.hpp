// Programs run by tests: a server in the background, a client to its end.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace drywire::traffic {

using arguments = std::vector<std::string>;

/// A child process whose standard output is read here. Dies with its owner.
class child {
 public:
  /// Starts argv[0], which is looked up in PATH. Its standard error goes where ours goes, or to its
  /// output as well. Throws std::runtime_error when it can't be started.
  explicit child(const arguments& argv, bool with_errors = false);
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child();

  /// The next line without its end; what there is at the end of output, or after some seconds.
  [[nodiscard]] std::string read_line();
  /// The rest of its output.
  [[nodiscard]] std::string read_all();
  void send_signal(int number) const noexcept;
  /// Its exit status, or 128 and the signal that ended it. Waits.
  int wait() noexcept;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  bool fill();

  pid_t pid_ = -1;
  int output_ = -1;
  bool waited_ = false;
  int status_ = -1;
  std::string read_;
};

struct finished {
  int status;
  std::string output;  ///< with its errors
};

/// Runs a program to its end.
[[nodiscard]] finished run(const arguments& argv);

/// Whether PATH has a program of that name.
[[nodiscard]] bool installed(const std::string& program);

/// A `drywire serve` on a free port of 127.0.0.1.
class server {
 public:
  /// `more` are further options. Throws std::runtime_error, with the server's own words, when it
  /// doesn't come up.
  server(const std::string& drywire, const std::string& loop, const arguments& more);

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string url(const std::string& path) const;
  /// The most memory that was resident so far, in bytes.
  [[nodiscard]] std::size_t most_memory() const;
  [[nodiscard]] pid_t pid() const noexcept { return process_.pid(); }
  void send_signal(int number) const noexcept { process_.send_signal(number); }
  [[nodiscard]] std::string read_line() { return process_.read_line(); }
  /// Its exit status, once it ends by itself.
  int wait() noexcept { return process_.wait(); }

  /// SIGTERM, then what it still says. `status` becomes its exit status.
  [[nodiscard]] std::string stop(int& status);

 private:
  child process_;
  std::uint16_t port_ = 0;
};

/// The bytes of a file; none if there is none.
[[nodiscard]] std::string text_of(const std::string& path);

/// A new folder under the system's temporary one, removed with all that is in it at the end.
class temporary_folder {
 public:
  temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Writes a file below it, and the folders on the way. Its time is always the same.
  void write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace drywire::traffic
