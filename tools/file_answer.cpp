#include "file_answer.hpp"

#include "file_source.hpp"
#include "mime_types.hpp"

#include <drywire/adapters/http_trace.hpp>
#include <drywire/protocol/http_date.hpp>
#include <drywire/protocol/http_ranges.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drywire::tools {

namespace {

// The coarsest times that a file system in use has are FAT's.
constexpr std::int64_t settled_seconds = 2;

// What tells one content of a file from another: replacing it makes another inode, writing it
// another time. A hash, because an inode's number is nobody's business.
std::string identity_of(const found_file& file, bool gzipped) {
  fnv_hash hash;
  hash.add(file.device);
  hash.add(file.inode);
  hash.add(file.size);
  hash.add(static_cast<std::uint64_t>(file.modified_unix_seconds));
  hash.add(std::uint64_t{file.modified_nanoseconds});
  hash.add(std::uint64_t{gzipped});
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[hash.value() >> shift & 15];
  return text;
}

// The fields of one file's responses, and where their texts are.
class description {
 public:
  description(const found_file& file, const file_terms& terms)
      : identity_(identity_of(file, terms.gzipped)),
        tag_('"' + identity_ + '"'),
        type_(media_type_of(file.name)),
        terms_(terms) {
    if (file.modified_unix_seconds > terms.now_unix_seconds - settled_seconds) return;
    modified_ = file.modified_unix_seconds;
    http::write_date(file.modified_unix_seconds, date_);
  }

  [[nodiscard]] http::validators validators() const noexcept {
    if (!modified_) return {};
    return {.tag = http::entity_tag{identity_}, .modified_unix_seconds = modified_};
  }

  /// Those that a 304 has, too, RFC 9110 15.4.5.
  [[nodiscard]] reply_fields of_not_modified() const noexcept {
    reply_fields fields;
    if (modified_) fields.add("ETag", tag_);
    if (terms_.has_twin) fields.add("Vary", "Accept-Encoding");
    return fields;
  }

  /// All but Content-Type.
  [[nodiscard]] reply_fields of_content() const noexcept {
    reply_fields fields = of_not_modified();
    if (modified_) fields.add("Last-Modified", {date_.data(), date_.size()});
    if (terms_.gzipped) fields.add("Content-Encoding", "gzip");
    fields.add("Accept-Ranges", "bytes");
    return fields;
  }

  [[nodiscard]] std::string_view type() const noexcept { return type_; }
  [[nodiscard]] const std::string& identity() const noexcept { return identity_; }

 private:
  std::string identity_;
  std::string tag_;
  std::string_view type_;
  file_terms terms_;
  std::optional<std::int64_t> modified_;
  std::array<char, http::date_bytes> date_{};
};

void give_range(reply& to, found_file file, const description& about,
                const http::byte_range& range) {
  const http::content_range place(range, file.size);
  reply_fields fields = about.of_content();
  fields.add("Content-Type", about.type());
  fields.add("Content-Range", place.text());
  to.give(206, fields, std::make_unique<file_source>(std::move(file.fd), range.first, range.size()),
          range.size());
}

// RFC 9110 14.6. The boundary is made of what the file is, so that every loop sends the same bytes.
void give_parts(reply& to, found_file file, const description& about,
                std::span<const http::byte_range> ranges) {
  const std::string boundary = "drywire-" + about.identity();
  std::vector<parts_source::part> parts;
  for (const http::byte_range& range : ranges) {
    const http::content_range place(range, file.size);
    parts.push_back({(parts.empty() ? "--" : "\r\n--") + boundary +
                         "\r\nContent-Type: " + std::string(about.type()) +
                         "\r\nContent-Range: " + std::string(place.text()) + "\r\n\r\n",
                     range});
  }
  auto source = std::make_unique<parts_source>(std::move(file.fd), std::move(parts),
                                               "\r\n--" + boundary + "--\r\n");
  const std::uint64_t size = source->size();
  const std::string type = "multipart/byteranges; boundary=" + boundary;
  reply_fields fields = about.of_content();
  fields.add("Content-Type", type);
  to.give(206, fields, std::move(source), size);
}

void give_whole(reply& to, found_file file, const description& about) {
  reply_fields fields = about.of_content();
  fields.add("Content-Type", about.type());
  const std::uint64_t size = file.size;
  to.give(200, fields, std::make_unique<file_source>(std::move(file.fd), 0, size), size);
}

void refuse_ranges(reply& to, std::uint64_t size) {
  const http::content_range place(size);
  reply_fields fields;
  fields.add("Content-Range", place.text());
  to.say(416, fields);
}

// At most.
std::size_t ranges_asked(const http1::request_head& request) {
  const http1::field* range = request.find("Range");
  if (range == nullptr) return 0;
  return 1 + static_cast<std::size_t>(std::ranges::count(range->value, ','));
}

void give_content(reply& to, found_file file, const description& about, const file_terms& terms) {
  const http1::request_head& request = to.request();
  std::vector<http::byte_range> ranges(std::min(terms.ranges_max, ranges_asked(request)));
  const auto chosen = http::select_ranges(request.method, request.fields, about.validators(),
                                          terms.now_unix_seconds, file.size, ranges);
  switch (chosen.what) {
    case http::range_selection::kind::whole: return give_whole(to, std::move(file), about);
    case http::range_selection::kind::unsatisfiable: return refuse_ranges(to, file.size);
    case http::range_selection::kind::partial: break;
  }
  if (chosen.count == 1) return give_range(to, std::move(file), about, ranges[0]);
  give_parts(to, std::move(file), about, std::span(ranges).first(chosen.count));
}

}  // namespace

void give_file(reply& to, found_file file, const file_terms& terms) {
  const description about(file, terms);
  const http1::request_head& request = to.request();
  switch (http::evaluate_conditions(request.method, request.fields, about.validators(),
                                    terms.now_unix_seconds)) {
    case http::verdict::not_modified: return to.head(304, about.of_not_modified());
    case http::verdict::precondition_failed: return to.say(412);
    case http::verdict::proceed: break;
  }
  give_content(to, std::move(file), about, terms);
}

}  // namespace drywire::tools
