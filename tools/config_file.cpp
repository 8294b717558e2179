#include "config_file.hpp"

#include "failure.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace drywire::tools {

namespace {

template <class Value>
struct known_key {
  std::string_view name;
  std::optional<Value> wishes::*what;
};

constexpr known_key<said> text_keys[] = {
    {"loop", &wishes::loop},
    {"root", &wishes::root},
    {"log-format", &wishes::log_format},
    {"metrics", &wishes::metrics},
    {"drain-timeout", &wishes::drain_timeout},
    {"compression", &wishes::compression},
};
constexpr known_key<bool> flag_keys[] = {
    {"log", &wishes::log},
    {"list", &wishes::list},
    {"gzip-static", &wishes::gzip_static},
};
struct known_list {
  std::string_view name;
  std::vector<said> wishes::*what;
};
constexpr known_list list_keys[] = {
    {"listen", &wishes::listen},
    {"allow-origin", &wishes::allow_origin},
};
constexpr std::string_view all_keys =
    "loop, listen, root, list, gzip-static, threads, log, log-format, metrics, drain-timeout, "
    "compression, allow-origin, limits";

template <class Key, std::size_t Count>
const Key* find(const Key (&keys)[Count], std::string_view name) {
  const auto* const found = std::ranges::find(keys, name, &Key::name);
  return found == std::end(keys) ? nullptr : found;
}

class reader {
 public:
  explicit reader(const std::string& name) : name_(name) {}

  wishes read(const toml::table& all) {
    for (const auto& [key, node] : all) {
      const std::string_view k = key.str();
      if (k == "limits") {
        read_limits(k, node);
      } else if (k == "threads") {
        wishes_.threads = number(k, node);
      } else if (const auto* texts = find(text_keys, k)) {
        wishes_.*texts->what = text(k, node);
      } else if (const auto* flags = find(flag_keys, k)) {
        wishes_.*flags->what = flag(k, node);
      } else if (const auto* lists = find(list_keys, k)) {
        read_list(wishes_.*lists->what, k, node);
      } else {
        throw failure(place(key.source(), k) + ": unknown key (" + std::string(all_keys) + ")");
      }
    }
    return std::move(wishes_);
  }

 private:
  // FILE:LINE: KEY
  [[nodiscard]] std::string place(const toml::source_region& where, std::string_view key) const {
    return name_ + ":" + std::to_string(where.begin.line) + ": " + std::string(key);
  }

  [[nodiscard]] failure wrong_type(std::string_view key, const toml::node& node,
                                   std::string_view wanted) const {
    std::ostringstream is;
    is << node.type();
    return failure(place(node.source(), key) + ": is of type " + is.str() + ", not " +
                   std::string(wanted));
  }

  [[nodiscard]] said text(std::string_view key, const toml::node& node) const {
    const auto* value = node.as_string();
    if (value == nullptr) throw wrong_type(key, node, "a string");
    return {value->get(), place(node.source(), key)};
  }

  [[nodiscard]] said number(std::string_view key, const toml::node& node) const {
    const auto* value = node.as_integer();
    if (value == nullptr) throw wrong_type(key, node, "a number");
    return {std::to_string(value->get()), place(node.source(), key)};
  }

  [[nodiscard]] bool flag(std::string_view key, const toml::node& node) const {
    const auto* value = node.as_boolean();
    if (value == nullptr) throw wrong_type(key, node, "true or false");
    return value->get();
  }

  void read_list(std::vector<said>& to, std::string_view key, const toml::node& node) {
    const auto* list = node.as_array();
    if (list == nullptr && !node.is_string()) {
      throw wrong_type(key, node, "a string or an array of strings");
    }
    if (list == nullptr) return to.push_back(text(key, node));
    for (const toml::node& entry : *list) to.push_back(text(key, entry));
  }

  void read_limits(std::string_view key, const toml::node& node) {
    const auto* table = node.as_table();
    if (table == nullptr) throw wrong_type(key, node, "a table");
    for (const auto& [name, value] : *table) {
      const std::string full = std::string(key) + "." + std::string(name.str());
      const auto* number = value.as_integer();
      if (number == nullptr && !value.is_string()) {
        throw wrong_type(full, value, "a number or a string");
      }
      const std::string said =
          number != nullptr ? std::to_string(number->get()) : text(full, value).value;
      wishes_.limits.push_back({std::string(name.str()), said, place(name.source(), full)});
    }
  }

  const std::string& name_;
  wishes wishes_;
};

}  // namespace

wishes parse_config(std::string_view text, const std::string& name) {
  toml::table all;
  try {
    all = toml::parse(text, name);
  } catch (const toml::parse_error& e) {
    throw failure(name + ":" + std::to_string(e.source().begin.line) + ": " +
                  std::string(e.description()));
  }
  return reader(name).read(all);
}

wishes read_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file || file.bad()) throw failure(path + ": can't read it: " + std::strerror(errno));
  return parse_config(text, path);
}

}  // namespace drywire::tools
