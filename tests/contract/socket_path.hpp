// A name in the file system for a socket, in a folder of its own.
#pragma once

#include <drywire/loop/endpoint.hpp>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace drywire::contract {

class socket_path {
 public:
  socket_path() {
    REQUIRE(::mkdtemp(folder_.data()) != nullptr);
    path_ = folder_ + "/s";
  }
  socket_path(const socket_path&) = delete;
  socket_path& operator=(const socket_path&) = delete;
  ~socket_path() {
    ::unlink(path_.c_str());
    ::rmdir(folder_.c_str());
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] endpoint where() const { return *endpoint::unix_path(path_); }
  [[nodiscard]] bool exists() const {
    struct stat found {};
    return ::lstat(path_.c_str(), &found) == 0;
  }

 private:
  std::string folder_ = "/tmp/drywire-contract-XXXXXX";
  std::string path_;
};

}  // namespace drywire::contract
