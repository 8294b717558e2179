#include "target_path.hpp"

namespace drywire::tools {

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

}  // namespace

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

std::string percent_encoded(std::string_view name) {
  static constexpr char hex[] = "0123456789ABCDEF";
  static constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (plain.find(c) != plain.npos) {
      out += c;
    } else {
      out += {'%', hex[u >> 4], hex[u & 15]};
    }
  }
  return out;
}

std::string folder_location(const target_path& path) {
  std::string out = "/";
  for (const std::string& part : path.parts) out += percent_encoded(part) + "/";
  return out;
}

}  // namespace drywire::tools
