// Both ways to open what a target names: in one call, and part by part.
#include "file_tree.hpp"

#include "child.hpp"
#include "failure.hpp"
#include "file_source.hpp"
#include "mime_types.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

namespace {

using namespace drywire;
using namespace drywire::tools;
namespace fs = std::filesystem;
using state = found_file::state;

struct site {
  site() {
    folder.write("root/a.txt", "a");
    folder.write("root/sub/b.txt", "bb");
    folder.write("root/sub/index.html", "<p>");
    folder.write("root/empty/deep/c", "c");
    folder.write("secret.txt", "secret");
    fs::create_directory_symlink("..", root() + "/out");
    fs::create_symlink("../secret.txt", root() + "/secret");
    fs::create_symlink("a.txt", root() + "/inner");
    fs::create_directory_symlink("sub", root() + "/inner-folder");
  }
  [[nodiscard]] std::string root() const { return folder.path() + "/root"; }

  traffic::temporary_folder folder;
};

file_tree::way ways() { return GENERATE(file_tree::way::best, file_tree::way::each_part); }

found_file look_up(const file_tree& tree, std::string_view target) {
  const auto path = parse_target(target);
  return path ? tree.find(*path) : found_file{};
}

std::string text_of(found_file file) {
  std::array<std::byte, 100> block;
  file_source source(std::move(file.fd), 0, file.size);
  const auto got = source.pull(block);
  return std::string(as_text(std::span(block).first(got.size)));
}

// Targets.

TEST_CASE("a target's parts are decoded once") {
  CHECK(parse_target("/a/b%20c")->parts == std::vector<std::string>{"a", "b c"});
  CHECK(parse_target("/%2541")->parts == std::vector<std::string>{"%41"});
  CHECK_FALSE(parse_target("/a")->is_folder);
  CHECK(parse_target("/a/")->is_folder);
  CHECK(parse_target("/")->is_folder);
}

TEST_CASE("query and authority are no part of the path") {
  CHECK(parse_target("/a?b/../c")->parts == std::vector<std::string>{"a"});
  CHECK(parse_target("http://host/a")->parts == std::vector<std::string>{"a"});
  CHECK(parse_target("http://host")->is_folder);
  CHECK(parse_target("http://host?a/b")->parts.empty());
}

TEST_CASE("targets that name nothing") {
  const std::string target =
      GENERATE("", "*", "host:80", "/..", "/../a", "/a/../b", "/%2e%2e/a", "/.%2E", "/.", "/a/./b",
               "//a", "/a//b", "/a%2fb", "/%00", "/a%00.txt", "/%", "/%4", "/%zz", "/%2");
  CAPTURE(target);
  CHECK_FALSE(parse_target(target));
}

TEST_CASE("a folder's location can't be another host's") {
  CHECK(folder_location(*parse_target("/a%20b/c")) == "/a%20b/c/");
  CHECK(folder_location(*parse_target("/%5C%5Cevil")) == "/%5C%5Cevil/");
  CHECK(folder_location(*parse_target("/a%0d%0aX: y")) == "/a%0D%0AX%3A%20y/");
}

// Files.

TEST_CASE("files are found by both ways") {
  const site s;
  const file_tree tree(s.root(), ways());
  found_file a = look_up(tree, "/a.txt");
  CHECK(a.what == state::file);
  CHECK(a.size == 1);
  CHECK(a.modified_unix_seconds == 1'000'000'000);
  CHECK(text_of(std::move(a)) == "a");
  CHECK(text_of(look_up(tree, "/sub/b.txt")) == "bb");
  CHECK(text_of(look_up(tree, "/empty/deep/c")) == "c");
}

TEST_CASE("folders") {
  const site s;
  const file_tree tree(s.root(), ways());
  CHECK(look_up(tree, "/sub").what == state::folder);
  const found_file index = look_up(tree, "/sub/");
  CHECK(index.what == state::file);
  CHECK(index.name == "index.html");
  CHECK(look_up(tree, "/empty/").what == state::absent);
  CHECK(look_up(tree, "/a.txt/").what == state::absent);
  CHECK(look_up(tree, "/a.txt/b").what == state::absent);
  CHECK(look_up(tree, "/nothing").what == state::absent);
}

TEST_CASE("there is no way out") {
  const site s;
  const file_tree tree(s.root(), ways());
  const std::string target = GENERATE("/secret", "/out/secret.txt", "/out/root/a.txt", "/out",
                                      "/out/", "/inner", "/inner-folder/b.txt");
  CAPTURE(target);
  CHECK(look_up(tree, target).what == state::absent);
}

// What the parser lets through doesn't matter: the kernel stops it.
TEST_CASE("there is no way out by parts that no target has") {
  const site s;
  const file_tree tree(s.root());
  CHECK(tree.find({{"..", "secret.txt"}}).what == state::absent);
  CHECK(tree.find({{"sub/../../secret.txt"}}).what == state::absent);
  CHECK(tree.find({{s.folder.path() + "/secret.txt"}}).what == state::absent);
}

// A link out and a folder of the same name change places all the while.
TEST_CASE("there is no way out by what changes meanwhile") {
  const site s;
  s.folder.write("root/turns/secret.txt", "harmless");
  s.folder.write("secrets/secret.txt", "secret");
  s.folder.write("secrets/only-there", "");
  fs::create_directory_symlink("../secrets", s.root() + "/other");
  const std::string one = s.root() + "/turns";
  const std::string other = s.root() + "/other";
  std::atomic<bool> over = false;
  std::atomic<int> swaps = 0;
  std::thread swapper([&] {
    while (!over) {
      if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) {
        ++swaps;
      }
    }
  });
  const file_tree tree(s.root(), ways());
  int wrong = 0;
  int given = 0;
  for (int i = 0; i < 20'000 || (swaps < 1000 && i < 2'000'000); ++i) {
    found_file file = look_up(tree, "/turns/secret.txt");
    if (file.what == state::file) {
      ++given;
      wrong += text_of(std::move(file)) != "harmless";
    }
    found_file folder = tree.find_folder({{"turns"}, true});
    if (folder.what != state::folder) continue;
    wrong += ::faccessat(folder.fd.get(), "only-there", F_OK, 0) == 0;
  }
  over = true;
  swapper.join();
  CHECK(wrong == 0);
  CHECK(given > 0);
  CHECK(swaps > 0);
}

TEST_CASE("special files are refused") {
  const site s;
  REQUIRE(::mkfifo((s.root() + "/fifo").c_str(), 0600) == 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (s.root() + "/socket").c_str(), sizeof(address.sun_path) - 1);
  const descriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
          0);
  const file_tree tree(s.root(), ways());
  CHECK(look_up(tree, "/fifo").what == state::forbidden);
  CHECK(look_up(tree, "/socket").what == state::forbidden);
}

TEST_CASE("a root that can't be read is told") {
  const site s;
  CHECK_THROWS_AS(file_tree(s.root() + "/nothing"), failure);
  CHECK_THROWS_AS(file_tree(s.root() + "/a.txt"), failure);
}

// Bodies.

TEST_CASE("a file is given in pieces, to its end") {
  const site s;
  s.folder.write("root/ten", "0123456789");
  found_file file = look_up(file_tree(s.root()), "/ten");
  file_source source(std::move(file.fd), 0, file.size);
  std::array<std::byte, 4> block;
  CHECK(source.pull(block).then == http1::body_source::state::more);
  CHECK(source.pull(block).size == 4);
  const auto last = source.pull(block);
  CHECK(last.size == 2);
  CHECK(last.then == http1::body_source::state::end);
}

TEST_CASE("a file that has become shorter fails, one that has grown doesn't matter") {
  const site s;
  s.folder.write("root/ten", "0123456789");
  std::array<std::byte, 8> block;
  found_file file = look_up(file_tree(s.root()), "/ten");
  file_source shrunk(std::move(file.fd), 0, file.size);
  CHECK(shrunk.pull(block).size == 8);
  fs::resize_file(s.root() + "/ten", 8);
  CHECK(shrunk.pull(block).then == http1::body_source::state::failed);
  file = look_up(file_tree(s.root()), "/ten");
  file_source grown(std::move(file.fd), 0, file.size);
  fs::resize_file(s.root() + "/ten", 100);
  CHECK(grown.pull(block).then == http1::body_source::state::end);
}

TEST_CASE("an empty file ends at once") {
  std::array<std::byte, 8> block;
  file_source source(descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)), 0, 0);
  const auto got = source.pull(block);
  CHECK(got.size == 0);
  CHECK(got.then == http1::body_source::state::end);
}

TEST_CASE("types by the ending") {
  CHECK(media_type_of("a.html") == "text/html; charset=utf-8");
  CHECK(media_type_of("A.PNG") == "image/png");
  CHECK(media_type_of("a.tar.gz") == "application/gzip");
  CHECK(media_type_of("html") == "application/octet-stream");
  CHECK(media_type_of(".html") == "application/octet-stream");
  CHECK(media_type_of("a.") == "application/octet-stream");
  CHECK(media_type_of("x.css/y") == "application/octet-stream");
}

}  // namespace
