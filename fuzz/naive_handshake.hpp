// The opening handshake's fields read slowly and plainly, by splitting strings: what the fuzz
// target compares drywire::websocket with.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drywire::naive {

using strings = std::vector<std::string>;

inline std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

inline std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

inline bool is_token(const std::string& text) {
  return !text.empty() && text.find_first_not_of(
                              "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == text.npos;
}

/// The parts between separators that aren't quoted.
inline strings split(const std::string& text, char separator) {
  strings parts{""};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!quoted && text[i] == separator) {
      parts.emplace_back();
      continue;
    }
    if (text[i] == '"') quoted = !quoted;
    parts.back() += text[i];
    if (quoted && text[i] == '\\' && i + 1 < text.size()) parts.back() += text[++i];
  }
  return parts;
}

inline strings values(http1::field_list fields, const std::string& name) {
  strings all;
  for (const http1::field& f : fields) {
    if (lower(std::string(f.name)) == lower(name)) all.emplace_back(f.value);
  }
  return all;
}

/// The elements of a list of tokens, which may be in several fields.
inline strings elements(http1::field_list fields, const std::string& name) {
  strings all;
  for (const std::string& value : values(fields, name)) {
    std::string rest = value + ",";
    for (std::size_t comma = rest.find(','); comma != rest.npos; comma = rest.find(',')) {
      const std::string element = trimmed(rest.substr(0, comma));
      if (!element.empty()) all.push_back(element);
      rest.erase(0, comma + 1);
    }
  }
  return all;
}

inline bool lists(http1::field_list fields, const std::string& name, const std::string& element) {
  for (const std::string& e : elements(fields, name)) {
    if (lower(e) == element) return true;
  }
  return false;
}

struct extension {
  std::string name;
  std::vector<std::pair<std::string, std::optional<std::string>>> params;
};

/// A token, or what a quoted one says; nothing if it is neither.
inline std::optional<std::string> value_in(const std::string& text) {
  if (!text.starts_with('"')) return is_token(text) ? std::optional(text) : std::nullopt;
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      return i + 1 == text.size() && is_token(value) ? std::optional(value) : std::nullopt;
    }
    if (text[i] == '\\') ++i;
    if (i < text.size()) value += text[i];
  }
  return std::nullopt;
}

inline std::optional<extension> extension_in(const std::string& text) {
  const strings parts = split(text, ';');
  extension read{trimmed(parts[0]), {}};
  if (!is_token(read.name)) return std::nullopt;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const strings sides = split(parts[i], '=');
    const std::string name = trimmed(sides[0]);
    if (sides.size() > 2 || !is_token(name)) return std::nullopt;
    std::optional<std::string> value;
    if (sides.size() == 2) {
      value = value_in(trimmed(sides[1]));
      if (!value) return std::nullopt;
    }
    read.params.emplace_back(name, value);
  }
  return read;
}

/// Nothing if the fields are malformed.
inline std::optional<std::vector<extension>> extensions(http1::field_list fields) {
  const strings all = values(fields, "Sec-WebSocket-Extensions");
  std::vector<extension> read;
  for (const std::string& value : all) {
    for (const std::string& element : split(value, ',')) {
      if (trimmed(element).empty()) continue;
      auto one = extension_in(element);
      if (!one) return std::nullopt;
      read.push_back(std::move(*one));
    }
  }
  if (read.empty() && !all.empty()) return std::nullopt;
  return read;
}

/// What the parameters of a permessage-deflate say: 0 or 1, or bits; -1 without a value. Nothing
/// if one may not be there.
using deflate = std::map<std::string, int>;

inline std::optional<deflate> deflate_in(const extension& from) {
  static const std::map<std::string, int> window{{"8", 8},   {"9", 9},   {"10", 10}, {"11", 11},
                                                 {"12", 12}, {"13", 13}, {"14", 14}, {"15", 15}};
  deflate read;
  for (const auto& [name, value] : from.params) {
    const bool flag = name == "server_no_context_takeover" || name == "client_no_context_takeover";
    const bool bits = name == "server_max_window_bits" || name == "client_max_window_bits";
    if ((!flag && !bits) || read.contains(name) || (flag && value)) return std::nullopt;
    if (bits && !value && name == "server_max_window_bits") return std::nullopt;
    if (value && !window.contains(*value)) return std::nullopt;
    read[name] = flag ? 1 : value ? window.at(*value) : -1;
  }
  return read;
}

inline int bits_in(const deflate& from, const std::string& name) {
  const auto found = from.find(name);
  return found == from.end() || found->second < 0 ? 15 : found->second;
}

inline bool is_key(const std::string& text) {
  static const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() == 24 && text.find_first_not_of(alphabet) == 22 && text.ends_with("==");
}

}  // namespace drywire::naive
