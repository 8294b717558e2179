// Code in the documentation is code that is compiled: a block that follows
//
//   <!-- from PATH -->
//
// stands in that file, word by word. In the pages named below every block of C++ has such a line.
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path root = DRYWIRE_SOURCE_DIR;
const std::set<std::string> strict_pages{"README.md",
                                         "client.md",
                                         "coroutines.md",
                                         "websocket-adapters.md",
                                         "websocket-machine.md",
                                         "writing-a-backend.md",
                                         "writing-a-protocol.md",
                                         "protocol-contract.md"};

struct sample {
  std::string from;  // empty: nobody says
  std::string code;
  std::size_t line;
};

std::vector<sample> samples_of(std::istream& page) {
  static const std::string marker = "<!-- from ";
  std::vector<sample> samples;
  std::string line, from;
  bool inside = false;
  for (std::size_t number = 1; std::getline(page, line); ++number) {
    if (inside && line != "```") {
      samples.back().code += line + '\n';
    } else if (inside) {
      inside = false;
    } else if (line == "```cpp") {
      samples.push_back({from, {}, number});
      inside = true;
    }
    const bool marks = !inside && line.starts_with(marker) && line.ends_with(" -->");
    if (!inside) from = marks ? line.substr(marker.size(), line.size() - marker.size() - 4) : "";
  }
  return samples;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool stands_in(const std::string& code, const fs::path& file) {
  // Whole lines: the code begins at the begin of one.
  return ('\n' + text_of(file)).find('\n' + code) != std::string::npos;
}

}  // namespace

TEST_CASE("the code in the documentation is compiled somewhere") {
  std::vector<fs::path> pages{root / "README.md"};
  for (const auto& entry : fs::directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  std::set<std::string> seen;
  for (const fs::path& path : pages) {
    const std::string name = path.filename();
    std::ifstream page(path);
    for (const sample& s : samples_of(page)) {
      INFO(name << ":" << s.line << " from '" << s.from << "'\n" << s.code);
      if (s.from.empty()) {
        CHECK(!strict_pages.contains(name));
        continue;
      }
      seen.insert(name);
      CHECK(fs::exists(root / s.from));
      CHECK(stands_in(s.code, root / s.from));
    }
  }
  CHECK(seen.contains("README.md"));
  CHECK(seen.contains("writing-a-protocol.md"));
}

TEST_CASE("a sample that is nowhere would be found") {
  std::istringstream page(
      "<!-- from tests/docs/samples.cpp -->\n```cpp\nnamespace fs = std::filesystem;\n```\n"
      "<!-- from tests/docs/samples.cpp -->\n```cpp\nnamespace fs = std::elsewhere;\n```\n"
      "<!-- from tests/docs/samples.cpp -->\n\n```cpp\nint unmarked;\n```\n```\nno code\n```\n");
  const std::vector<sample> samples = samples_of(page);
  REQUIRE(samples.size() == 3);
  CHECK(stands_in(samples[0].code, root / samples[0].from));
  CHECK(!stands_in(samples[1].code, root / samples[1].from));
  CHECK(samples[2].from.empty());
}
