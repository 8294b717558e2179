#include "mime_types.hpp"

#include <drywire/protocol/http1.hpp>

namespace drywire::tools {

namespace {

struct row {
  std::string_view ending;
  std::string_view type;
};

// Text is taken for UTF-8, as editors write it.
constexpr row rows[] = {
    {"avif", "image/avif"},
    {"bin", "application/octet-stream"},
    {"bmp", "image/bmp"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/vnd.microsoft.icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"ogg", "audio/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"toml", "application/toml"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xml", "application/xml"},
    {"zip", "application/zip"},
};

}  // namespace

std::string_view media_type_of(std::string_view file_name) noexcept {
  const std::size_t slash = file_name.rfind('/');
  const std::string_view name = file_name.substr(slash == file_name.npos ? 0 : slash + 1);
  const std::size_t dot = name.rfind('.');
  if (dot != name.npos && dot != 0) {
    for (const row& r : rows) {
      if (http1::equal_ignoring_case(name.substr(dot + 1), r.ending)) return r.type;
    }
  }
  return "application/octet-stream";
}

}  // namespace drywire::tools
