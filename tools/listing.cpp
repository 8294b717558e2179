#include "listing.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <utility>

namespace drywire::tools {

namespace {

struct folder_closer {
  void operator()(DIR* open) const noexcept { ::closedir(open); }
};
using open_folder = std::unique_ptr<DIR, folder_closer>;

// Both would own the descriptor, so the stream gets one of its own.
open_folder stream_of(const descriptor& folder) noexcept {
  const int own = ::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0);
  if (own < 0) return nullptr;
  DIR* stream = ::fdopendir(own);
  if (stream == nullptr) ::close(own);
  return open_folder(stream);
}

std::optional<folder_entry> look_at(int folder, const char* name) {
  struct stat about {};
  if (name[0] == '.' || ::fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0) return {};
  const bool is_folder = S_ISDIR(about.st_mode);
  if (!is_folder && !S_ISREG(about.st_mode)) return {};
  return folder_entry{name, is_folder, static_cast<std::uint64_t>(about.st_size),
                      about.st_mtim.tv_sec};
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string minute_text(std::int64_t unix_seconds) {
  const auto t = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  if (::gmtime_r(&t, &utc) == nullptr) return "-";
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &utc)};
}

std::string row_of(const folder_entry& e) {
  const std::string slash = e.is_folder ? "/" : "";
  return "<tr><td><a href=\"" + percent_encoded(e.name) + slash + "\">" + html_escaped(e.name) +
         slash + "</a><td>" + minute_text(e.modified_unix_seconds) + "<td>" +
         (e.is_folder ? "-" : std::to_string(e.size)) + "\n";
}

}  // namespace

std::optional<folder_listing> read_folder(descriptor folder, std::size_t entries_max) {
  const open_folder stream = stream_of(folder);
  if (!stream) return {};
  folder_listing listing;
  std::size_t looked_at = 0;
  while (const dirent* next = ::readdir(stream.get())) {
    const std::string_view name(next->d_name);
    if (name == "." || name == "..") continue;
    listing.complete = looked_at++ < entries_max;
    if (!listing.complete) break;
    if (auto entry = look_at(folder.get(), next->d_name)) {
      listing.entries.push_back(std::move(*entry));
    }
  }
  std::ranges::sort(listing.entries, {}, &folder_entry::name);
  return listing;
}

std::string folder_page(const target_path& path, const folder_listing& listing) {
  std::string title = "/";
  for (const std::string& part : path.parts) title += html_escaped(part) + "/";
  std::string page =
      "<!doctype html>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width\">\n"
      "<title>" +
      title +
      "</title>\n"
      "<style>body{font-family:sans-serif}td{padding:0 1em 0 0}td:last-child{text-align:right}"
      "</style>\n<h1>" +
      title + "</h1>\n<table>\n";
  if (!path.parts.empty()) page += "<tr><td><a href=\"../\">../</a><td><td>\n";
  for (const folder_entry& e : listing.entries) page += row_of(e);
  page += "</table>\n";
  if (!listing.complete) {
    page += "<p>Only " + std::to_string(listing.entries.size()) + " of its entries.\n";
  }
  return page;
}

}  // namespace drywire::tools
