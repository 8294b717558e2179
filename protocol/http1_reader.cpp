#include "http1_reader.hpp"

#include "http1_classify.hpp"
#include "http1_grammar.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace drywire::http1 {

namespace {

// What a chunk's size line may cost before it counts as overhead: its own digits and line ends, and
// twice its data, so that an upload with a signature in every chunk passes and a stream of one-byte
// chunks with long extensions doesn't.
constexpr std::uint64_t free_overhead(std::uint64_t chunk_bytes) noexcept {
  return 16 + 2 * std::min<std::uint64_t>(chunk_bytes, 1U << 20U);
}

// The empty line behind the trailers is in nobody's limit.
constexpr std::uint32_t empty_line_bytes = 2;

bool adjoins(std::string_view a, std::string_view b) noexcept {
  return a.data() + a.size() == b.data();
}

}  // namespace

limits message_reader::fit_to(const storage& memory, limits l) noexcept {
  static_assert(alignof(block) >= alignof(field));
  const auto room = static_cast<std::uint32_t>(
      std::min<std::size_t>(memory.block_size(), 1U << 30U) - sizeof(block));
  const auto wanted = std::uint64_t{l.fields_max} * sizeof(field) + l.head_bytes_max +
                      std::uint64_t{l.trailer_bytes_max} + empty_line_bytes;
  if (wanted > room) {
    l.fields_max = std::min<std::uint32_t>(l.fields_max, room / 4 / sizeof(field));
    const auto left =
        room - l.fields_max * static_cast<std::uint32_t>(sizeof(field)) - empty_line_bytes;
    l.trailer_bytes_max = std::min(l.trailer_bytes_max, left / 5);
    l.head_bytes_max = std::min(l.head_bytes_max, left - l.trailer_bytes_max);
  }
  l.start_line_bytes_max = std::min(l.start_line_bytes_max, l.head_bytes_max);
  return l;
}

bool message_reader::begin(llhttp_type_t type) noexcept {
  const mutable_bytes memory = memory_.acquire();
  if (memory.empty()) return false;
  block_ = new (memory.data()) block;
  bytes_ = reinterpret_cast<char*>(block_->table() + limits_.fields_max);
  llhttp_init(&block_->parser, type, &settings_);
  block_->parser.data = this;
  size_ = fields_ = chunk_overhead_ = 0;
  chunk_left_ = 0;
  region_ = region::head;
  value_next_ = overfull_ = false;
  return true;
}

void message_reader::release() noexcept {
  if (block_ == nullptr) return;
  memory_.release(reinterpret_cast<std::byte*>(block_));
  block_ = nullptr;
}

message_reader::step message_reader::read_head(const_bytes& in) noexcept {
  while (!in.empty()) {
    const const_bytes slice = in.first(std::min(in.size(), budget()));
    std::size_t taken = 0;
    const bool fine = run(slice, taken);
    // The byte that broke a rule says which one.
    account(slice.first(fine ? taken : std::min(taken + 1, slice.size())));
    in = in.subspan(taken);
    if (!fine) return fail_as_parsed();
    if (step_ == step::head) return finish_head();
    if (check_limits() == step::failed) return step::failed;
  }
  return step::starved;
}

message_reader::step message_reader::read_chunked(const_bytes& in) noexcept {
  // The first round runs without input, too: llhttp may have something left to say.
  do {
    const const_bytes slice = in.first(std::min(in.size(), budget()));
    std::size_t taken = 0;
    const bool fine = run(slice, taken);
    account(slice.first(fine ? taken : std::min(taken + 1, slice.size())));
    in = in.subspan(taken);
    if (!fine) return fail_as_parsed();
    switch (step_) {
      case step::chunk: return step::chunk;
      case step::piece: return step::piece;
      case step::end: return finish_trailers();
      default: break;
    }
    if (check_limits() == step::failed) return step::failed;
  } while (!in.empty());
  return step::starved;
}

std::span<const field> message_reader::trailers() const noexcept {
  return {block_->table() + head_fields_, fields_ - head_fields_};
}

// How many bytes llhttp may have before a limit has to be looked at.
std::size_t message_reader::budget() const noexcept {
  switch (region_) {
    case region::head:
      return (size_ < limits_.start_line_bytes_max ? limits_.start_line_bytes_max
                                                   : limits_.head_bytes_max) -
             size_;
    case region::size_line: return limits_.chunk_overhead_bytes_max - chunk_overhead_;
    case region::data: return static_cast<std::size_t>(-1);
    case region::trailers:
      return limits_.trailer_bytes_max + empty_line_bytes - (size_ - head_size_);
  }
  return 0;
}

// Lets llhttp go on. False: it refuses the byte behind those that it took.
bool message_reader::run(const_bytes slice, std::size_t& taken) noexcept {
  // Given no address, llhttp would forget that it is inside a chunk.
  slice_ = slice.empty() ? "" : as_text(slice).data();
  step_ = step::starved;
  llhttp_resume(&block_->parser);
  const llhttp_errno_t result = llhttp_execute(&block_->parser, slice_, slice.size());
  if (result == HPE_OK) {
    taken = slice.size();
    return true;
  }
  taken = static_cast<std::size_t>(llhttp_get_error_pos(&block_->parser) - slice_);
  return result == HPE_PAUSED;
}

// Counts bytes that were parsed, and keeps them if views of them were made.
void message_reader::account(const_bytes bytes) noexcept {
  const auto count = static_cast<std::uint32_t>(bytes.size());
  if (keeps_bytes()) {
    if (bytes.empty()) return;  // they may be null, which memcpy mustn't see
    std::memcpy(bytes_ + size_, bytes.data(), bytes.size());
    size_ += count;
  } else if (region_ == region::size_line) {
    chunk_overhead_ += count;
    if (step_ != step::chunk) return;
    const std::uint64_t free = free_overhead(chunk_left_);
    chunk_overhead_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(chunk_overhead_, free));
    region_ = chunk_left_ > 0 ? region::data : region::trailers;
  } else if (chunk_left_ == 0) {
    region_ = region::size_line;
  }
}

message_reader::step message_reader::check_limits() noexcept {
  switch (region_) {
    case region::head:
      if (size_ >= limits_.start_line_bytes_max && text().find('\n') == grammar::npos) {
        return fail(fault::start_line_too_long);
      }
      return size_ == limits_.head_bytes_max ? fail(fault::head_too_large) : step::starved;
    case region::size_line:
      return chunk_overhead_ == limits_.chunk_overhead_bytes_max
                 ? fail(fault::chunk_overhead_too_large)
                 : step::starved;
    case region::data: return step::starved;
    case region::trailers:
      return size_ - head_size_ == limits_.trailer_bytes_max + empty_line_bytes
                 ? fail(fault::trailers_too_large)
                 : step::starved;
  }
  return step::starved;
}

message_reader::step message_reader::finish_head() noexcept {
  if (overfull_) return fail(fault::too_many_fields);
  field* table = block_->table();
  for (std::uint32_t i = 0; i < fields_; ++i) table[i].value = grammar::trim(table[i].value);
  const std::string_view all = text();
  const std::size_t line_end = all.find('\n');
  if (line_end == 0 || line_end == grammar::npos || all[line_end - 1] != '\r') {
    return fail(fault::bare_line_feed);
  }
  if (all.find('\r') != line_end - 1) return fail(fault::bare_carriage_return);
  const auto wrong = complete(grammar::first(all, line_end - 1), {table, fields_});
  if (wrong) return fail(*wrong);
  // Two readings of one field would be one too many, also in a message that has no body.
  const bool codes = (block_->parser.flags & F_TRANSFER_ENCODING) != 0;
  if (codes && (block_->parser.flags & F_CHUNKED) == 0 && !opens_tunnel()) {
    return fail(fault::invalid_transfer_encoding);
  }
  head_size_ = size_;
  head_fields_ = fields_;
  region_ = region::size_line;
  return step::head;
}

std::optional<fault> message_reader::complete(std::string_view line,
                                              std::span<const field> fields) noexcept {
  if (is_request()) return complete_head(line, fields, *new (&block_->head.request) request_head);
  return complete_head(line, fields, asked_, *new (&block_->head.response) response_head);
}

message_reader::step message_reader::finish_trailers() noexcept {
  if (overfull_) return fail(fault::trailers_too_large);
  field* first = block_->table() + head_fields_;
  field* last = block_->table() + fields_;
  for (field* f = first; f != last; ++f) {
    f->value = grammar::trim(f->value);
    if (grammar::is_framing(f->name)) return fail(fault::framing_in_trailers);
  }
  last = std::remove_if(first, last,
                        [](const field& f) { return grammar::is_forbidden_trailer(f.name); });
  fields_ = head_fields_ + static_cast<std::uint32_t>(last - first);
  return step::end;
}

message_reader::step message_reader::fail(fault what) noexcept {
  error_ = what;
  return step::failed;
}

message_reader::step message_reader::fail_as_parsed() noexcept {
  switch (region_) {
    case region::head:
      return fail(is_request() ? fault_in_head(text(), block_->parser)
                               : fault_in_response_head(text(), block_->parser));
    case region::size_line:
    case region::data: return fail(fault_in_chunk(block_->parser));
    case region::trailers:
      return fail(fault_in_trailers(grammar::behind(text(), head_size_), block_->parser));
  }
  return step::failed;
}

// Where bytes of the slice will lie in the block.
std::string_view message_reader::place(const char* at, std::size_t size) const noexcept {
  return {bytes_ + size_ + (at - slice_), size};
}

message_reader& message_reader::of(llhttp_t* parser) noexcept {
  return *static_cast<message_reader*>(parser->data);
}

constinit const llhttp_settings_t message_reader::settings_ = [] {
  llhttp_settings_t s{};
  s.on_header_field = on_name;
  s.on_header_value = on_value;
  s.on_headers_complete = on_head_end;
  s.on_chunk_header = on_chunk_begin;
  s.on_body = on_piece;
  s.on_message_complete = on_end;
  return s;
}();

// A name or a value that was cut by the end of a span goes on where it stopped.
int message_reader::on_name(llhttp_t* parser, const char* at, std::size_t size) noexcept {
  message_reader& self = of(parser);
  const std::string_view text = self.place(at, size);
  field* table = self.block_->table();
  const bool goes_on = self.fields_ > 0 && !self.value_next_ && !self.overfull_ &&
                       adjoins(table[self.fields_ - 1].name, text);
  if (goes_on) {
    std::string_view& name = table[self.fields_ - 1].name;
    name = {name.data(), name.size() + size};
  } else if (self.fields_ == self.limits_.fields_max) {
    self.overfull_ = true;
  } else {
    new (table + self.fields_++) field{text, {}};
  }
  self.value_next_ = false;
  return 0;
}

int message_reader::on_value(llhttp_t* parser, const char* at, std::size_t size) noexcept {
  message_reader& self = of(parser);
  if (self.overfull_) return 0;
  std::string_view& value = self.block_->table()[self.fields_ - 1].value;
  const std::string_view text = self.place(at, size);
  value = self.value_next_ ? std::string_view{value.data(), value.size() + size} : text;
  self.value_next_ = true;
  return 0;
}

int message_reader::on_head_end(llhttp_t* parser) noexcept {
  of(parser).step_ = step::head;
  return HPE_PAUSED;
}

int message_reader::on_chunk_begin(llhttp_t* parser) noexcept {
  message_reader& self = of(parser);
  self.step_ = step::chunk;
  self.chunk_left_ = parser->content_length;
  return HPE_PAUSED;
}

// llhttp also reports nothing, again and again, when it pauses at the end of a span.
int message_reader::on_piece(llhttp_t* parser, const char* at, std::size_t size) noexcept {
  if (size == 0) return 0;
  message_reader& self = of(parser);
  self.step_ = step::piece;
  self.piece_ = text_bytes({at, size});
  self.chunk_left_ -= size;
  return HPE_PAUSED;
}

int message_reader::on_end(llhttp_t* parser) noexcept {
  of(parser).step_ = step::end;
  return HPE_PAUSED;
}

}  // namespace drywire::http1
