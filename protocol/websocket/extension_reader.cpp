#include "extension_reader.hpp"

#include "../http1_grammar.hpp"

#include <cstddef>

namespace drywire::websocket {

using http1::grammar::behind;
using http1::grammar::first;
using http1::grammar::is_token_char;

std::string_view extension_reader::next_extension() noexcept {
  while (next_param()) {
  }
  skip_space();
  while (take(',')) skip_space();
  if (rest_.empty()) return {};
  const std::string_view name = take_token();
  if (name.empty()) fail();
  inside_ = !name.empty();
  return name;
}

// The extension, or a parameter of it, has been read: a ";" follows, or a "," or the end.
std::optional<extension_param> extension_reader::next_param() noexcept {
  skip_space();
  if (!inside_ || rest_.empty() || rest_.front() == ',') {
    inside_ = false;
    return std::nullopt;
  }
  extension_param param;
  if (take(';')) {
    skip_space();
    param.name = take_token();
  }
  if (param.name.empty()) {
    fail();
    return std::nullopt;
  }
  skip_space();
  if (!take('=')) return param;
  skip_space();
  param.has_value = true;
  const auto quoted = take_quoted();
  param.value = quoted ? *quoted : take_token();
  if (!param.value.empty()) return param;
  fail();
  return std::nullopt;
}

std::string_view extension_reader::take_token() noexcept {
  std::size_t size = 0;
  while (size < rest_.size() && is_token_char(rest_[size])) ++size;
  const std::string_view token = first(rest_, size);
  rest_ = behind(rest_, size);
  return token;
}

// Nothing if no quote begins here; empty if what one begins has no end, or isn't a token.
std::optional<std::string_view> extension_reader::take_quoted() noexcept {
  if (!take('"')) return std::nullopt;
  std::size_t size = 0;
  for (; size < rest_.size() && rest_[size] != '"'; ++size) {
    if (rest_[size] == '\\') ++size;
    if (size >= rest_.size() || !is_token_char(rest_[size])) return std::string_view{};
  }
  if (size == rest_.size()) return std::string_view{};
  const std::string_view value = first(rest_, size);
  rest_ = behind(rest_, size + 1);
  return value;
}

bool extension_reader::take(char c) noexcept {
  if (!rest_.starts_with(c)) return false;
  rest_ = behind(rest_, 1);
  return true;
}

void extension_reader::skip_space() noexcept {
  while (take(' ') || take('\t')) {
  }
}

void extension_reader::fail() noexcept {
  malformed_ = true;
  rest_ = {};
}

}  // namespace drywire::websocket
