// The productions of RFC 9112, 9110 and 3986 that a naive parser of HTTP/1.1 needs, one function
// each, under the name that they have there.
//
// A production takes from the front of the text what it matches, the longest match, and gives that
// back; if it doesn't match, it gives nothing and the text is as it was. Where docs/http1.md says
// that ours is looser or stricter than the RFC, so is the production, and says it.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire::naive {

/// A text, and how far it has been read.
class text {
 public:
  explicit text(std::string all) : all_(std::move(all)) {}

  [[nodiscard]] bool end() const { return at_ == all_.size(); }
  /// Something looked behind the end: more might have made a difference.
  [[nodiscard]] bool starved() const { return starved_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  void back_to(std::size_t at) { at_ = at; }
  [[nodiscard]] std::string since(std::size_t at) const { return all_.substr(at, at_ - at); }
  [[nodiscard]] std::string rest() const { return all_.substr(at_); }
  [[nodiscard]] bool front_is(bool (*kind)(char)) {
    starved_ = starved_ || end();
    return !end() && kind(all_[at_]);
  }

  bool eat(std::string_view what) {
    const std::string_view left = std::string_view(all_).substr(at_);
    starved_ = starved_ || (left.size() < what.size() && what.starts_with(left));
    if (!left.starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  bool eat_one(bool (*kind)(char)) {
    if (!front_is(kind)) return false;
    ++at_;
    return true;
  }
  std::string eat_all(bool (*kind)(char)) {
    const std::size_t from = at_;
    while (eat_one(kind)) {
    }
    return since(from);
  }

 private:
  std::string all_;
  std::size_t at_ = 0;
  bool starved_ = false;
};

using match = std::optional<std::string>;

/// The whole of `all` is one of these.
template <class Production>
[[nodiscard]] bool is(Production production, const std::string& all) {
  text t(all);
  return production(t).has_value() && t.end();
}

// RFC 5234 B.1.
bool SP(char c);
bool SP_or_HTAB(char c);
bool ALPHA(char c);
bool DIGIT(char c);
bool HEXDIG(char c);
bool VCHAR(char c);

// RFC 9110 5.
bool tchar(char c);
bool obs_text(char c);
bool field_vchar(char c);
match token(text& t);
match quoted_string(text& t);
/// #element: the elements of a list that aren't empty, each without the whitespace around it.
std::vector<std::string> list(const std::string& value);
/// Without OWS on either side.
std::string trimmed(const std::string& value);
bool same(std::string_view a, std::string_view b);  // without case

// RFC 3986 3.
match uri_host(text& t);
match port(text& t);

// RFC 9110 7.2.
match Host(text& t);

// RFC 9112 3.
struct target {
  http1::target_form form;
  std::string authority;  // of the absolute and the authority form
};
/// Whether any known method begins so.
bool begins_method(std::string_view beginning);
bool is_method(std::string_view name);
bool target_char(char c);
std::optional<target> request_target(const std::string& method, const std::string& all);

// RFC 9112 2.3. The version, 10 or 11 for HTTP/1.0 and 1.1.
std::optional<unsigned> HTTP_version(text& t);

/// 1*DIGIT, and digits of chunk-size, if they fit in 64 bits.
std::optional<std::uint64_t> decimal(const std::string& all);
std::optional<std::uint64_t> hexadecimal(const std::string& digits);

// RFC 9112 7.
match chunk_size(text& t);
/// What stands between a chunk's size and its line end; nothing if that is no chunk-ext.
match chunk_ext(text& t);

}  // namespace drywire::naive
