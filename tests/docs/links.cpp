// Links of the documentation lead to a file of this tree, and to a heading where they name one.
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path root = DRYWIRE_SOURCE_DIR;

// "## A client's limits" is #a-clients-limits.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool other = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (upper || other) anchor += static_cast<char>(upper ? c + 32 : c);
    if (c == ' ') anchor += '-';
  }
  return anchor;
}

struct page {
  std::set<std::string> anchors;
  std::vector<std::string> links;  // relative ones
};

page read(const fs::path& file) {
  page found;
  bool code = false;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) code = !code;
    if (code) continue;
    const std::size_t text = line.starts_with('#') ? line.find_first_not_of('#') : line.npos;
    if (text != line.npos) found.anchors.insert(anchor_of(line.substr(text + 1)));
    for (std::size_t at = line.find("]("); at != line.npos; at = line.find("](", at + 1)) {
      const std::string link = line.substr(at + 2, line.find(')', at) - at - 2);
      if (link.find("://") == link.npos) found.links.push_back(link);
    }
  }
  return found;
}

bool leads_somewhere(const fs::path& from, const std::string& link) {
  const std::size_t hash = link.find('#');
  const fs::path to = hash == 0 ? from : from.parent_path() / link.substr(0, hash);
  if (!fs::exists(to)) return false;
  return hash == link.npos || read(to).anchors.contains(link.substr(hash + 1));
}

// The pages of the top, of docs/, and of the folders of the tree; not what was built or fetched.
std::vector<fs::path> pages() {
  std::vector<fs::path> all;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::end(at); ++at) {
    const std::string name = at->path().filename();
    if (at->is_directory() && (name.starts_with('.') || name.starts_with("build"))) {
      at.disable_recursion_pending();
    } else if (at->path().extension() == ".md") {
      all.push_back(at->path());
    }
  }
  return all;
}

}  // namespace

TEST_CASE("links lead to a file, and to a heading of it") {
  std::size_t links = 0;
  for (const fs::path& from : pages()) {
    for (const std::string& link : read(from).links) {
      INFO(from.string() << " has " << link);
      CHECK(leads_somewhere(from, link));
      ++links;
    }
  }
  CHECK(links > 100);
}

TEST_CASE("a link that leads nowhere would be found") {
  const fs::path from = root / "docs/README.md";
  CHECK(leads_somewhere(from, "http1.md"));
  CHECK(leads_somewhere(from, "#the-layers"));
  CHECK(leads_somewhere(from, "client.md#limits"));
  CHECK(leads_somewhere(from, "../protocol/deflate/README.md"));
  CHECK_FALSE(leads_somewhere(from, "nothing.md"));
  CHECK_FALSE(leads_somewhere(from, "#the-others"));
  CHECK_FALSE(leads_somewhere(from, "client.md#others"));
}
