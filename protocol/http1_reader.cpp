#include "http1_reader.hpp"

#include "http1_classify.hpp"
#include "http1_grammar.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

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

constexpr std::size_t block_bytes_used_max = std::size_t{1} << 30U;

// What is used of a block: its end is a table's, and sizes are 32 bits.
std::uint32_t used_of(std::size_t block_size) noexcept {
  return static_cast<std::uint32_t>(std::min(block_size, block_bytes_used_max) &
                                    ~(alignof(field) - 1));
}

bool adjoins(std::string_view a, std::string_view b) noexcept {
  return a.data() + a.size() == b.data();
}

}  // namespace

limits message_reader::fit_to(const storage& memory, limits l) noexcept {
  static_assert(alignof(block) >= alignof(field));
  const auto room = used_of(memory.block_size()) - static_cast<std::uint32_t>(sizeof(block));
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

// It grows down, so that the bytes can grow up.
field* message_reader::block::table() noexcept {
  return reinterpret_cast<field*>(reinterpret_cast<char*>(this) + block_size) - fields;
}

// Where bytes of the slice will lie.
std::string_view message_reader::block::place(const char* at, std::size_t n) const noexcept {
  return {bytes() + size + (at - slice), n};
}

std::size_t message_reader::block::room() const noexcept {
  return block_size - sizeof(block) - size - fields * sizeof(field);
}

bool message_reader::begin(llhttp_type_t type) noexcept {
  const mutable_bytes memory = beginnings_.acquire();
  if (memory.empty()) return false;
  block_ = new (memory.data()) block;
  block_->block_size = used_of(memory.size());
  block_->full_size = &beginnings_ == &memory_;
  llhttp_init(&block_->parser, type, &settings_);
  block_->parser.data = this;
  return true;
}

void message_reader::release() noexcept {
  if (block_ == nullptr) return;
  storage& home = block_->full_size ? memory_ : beginnings_;
  home.release(reinterpret_cast<std::byte*>(std::exchange(block_, nullptr)));
}

// Moves a message whose head isn't complete to a full block. False: there is none.
bool message_reader::grow() noexcept {
  const mutable_bytes memory = memory_.acquire();
  if (memory.empty()) return false;
  block& from = *block_;
  block& to = *new (memory.data()) block(from);
  to.block_size = used_of(memory.size());
  to.full_size = true;
  std::memcpy(to.bytes(), from.bytes(), from.size);
  const auto moved = [&](std::string_view text) -> std::string_view {
    return {to.bytes() + (text.data() - from.bytes()), text.size()};
  };
  for (std::uint32_t i = 0; i < from.fields; ++i) {
    const field& f = from.table()[i];
    // One whose value is still to come has none.
    new (to.table() + i) field{moved(f.name), f.value.data() == nullptr ? f.value : moved(f.value)};
  }
  beginnings_.release(reinterpret_cast<std::byte*>(block_));
  block_ = &to;
  return true;
}

message_reader::step message_reader::read_head(const_bytes& in) noexcept {
  while (!in.empty()) {
    const_bytes slice = in.first(std::min(in.size(), budget()));
    if (!block_->full_size) slice = slice.first(fitting(slice));
    if (slice.empty()) {
      if (!grow()) return fail(fault::no_memory);
      continue;
    }
    std::size_t taken = 0;
    const bool fine = run(slice, taken);
    // The byte that broke a rule says which one.
    account(slice.first(fine ? taken : std::min(taken + 1, slice.size())));
    in = in.subspan(taken);
    if (!fine) return fail_as_parsed();
    // llhttp would wait for the rest of HTTP/2's preface, whatever the line says.
    const bool preface = is_request() && block_->parser.method == HTTP_PRI;
    if (preface && block_->text().find('\n') != grammar::npos) {
      return fail(fault_in_preface(block_->text()));
    }
    if (block_->paused == step::head) return finish_head();
    if (check_limits() == step::failed) return step::failed;
  }
  return step::starved;
}

message_reader::step message_reader::read_chunked(const_bytes& in) noexcept {
  // The first round runs without input, too: llhttp may have something left to say.
  do {
    const const_bytes slice = in.first(std::min(in.size(), budget()));
    const bool size_line = block_->where == region::size_line;
    std::size_t taken = 0;
    const bool fine = run(slice, taken);
    account(slice.first(fine ? taken : std::min(taken + 1, slice.size())));
    in = in.subspan(taken);
    if (size_line && !block_->extension.feed(slice.first(taken))) {
      return fail(fault::malformed_chunk);
    }
    if (!fine) return fail_as_parsed();
    switch (block_->paused) {
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
  return {block_->table(), block_->fields - block_->head_fields};
}

// How many bytes of `in` a small block has room for, with an entry in the table for each line.
// Looks no further than to the end of a head.
std::size_t message_reader::fitting(const_bytes in) const noexcept {
  const std::string_view text = as_text(in);
  std::size_t room = block_->room();
  std::size_t taken = 0;
  while (taken < text.size()) {
    const std::size_t line = std::min(text.find('\n', taken), text.size() - 1) + 1 - taken;
    if (line + sizeof(field) > room) break;
    room -= line + sizeof(field);
    taken += line;
    if (line <= empty_line_bytes) break;
  }
  return taken;
}

// How many bytes llhttp may have before a limit has to be looked at.
std::size_t message_reader::budget() const noexcept {
  switch (block_->where) {
    case region::head:
      return (block_->size < limits_.start_line_bytes_max ? limits_.start_line_bytes_max
                                                          : limits_.head_bytes_max) -
             block_->size;
    case region::size_line: return limits_.chunk_overhead_bytes_max - block_->chunk_overhead;
    case region::data: return static_cast<std::size_t>(-1);
    case region::trailers:
      return limits_.trailer_bytes_max + empty_line_bytes - (block_->size - block_->head_size);
  }
  return 0;
}

// Lets llhttp go on. False: it refuses the byte behind those that it took.
bool message_reader::run(const_bytes slice, std::size_t& taken) noexcept {
  // Given no address, llhttp would forget that it is inside a chunk.
  block_->slice = slice.empty() ? "" : as_text(slice).data();
  block_->paused = step::starved;
  llhttp_resume(&block_->parser);
  const llhttp_errno_t result = llhttp_execute(&block_->parser, block_->slice, slice.size());
  if (result == HPE_OK) {
    taken = slice.size();
    return true;
  }
  taken = static_cast<std::size_t>(llhttp_get_error_pos(&block_->parser) - block_->slice);
  return result == HPE_PAUSED;
}

// Counts bytes that were parsed, and keeps them if views of them were made.
void message_reader::account(const_bytes bytes) noexcept {
  const auto count = static_cast<std::uint32_t>(bytes.size());
  if (block_->where == region::head || block_->where == region::trailers) {
    if (bytes.empty()) return;  // they may be null, which memcpy mustn't see
    std::memcpy(block_->bytes() + block_->size, bytes.data(), bytes.size());
    block_->size += count;
  } else if (block_->where == region::size_line) {
    block_->chunk_overhead += count;
    if (block_->paused != step::chunk) return;
    const std::uint64_t free = free_overhead(block_->chunk_left);
    block_->chunk_overhead -=
        static_cast<std::uint32_t>(std::min<std::uint64_t>(block_->chunk_overhead, free));
    block_->where = block_->chunk_left > 0 ? region::data : region::trailers;
  } else if (block_->chunk_left == 0) {
    block_->where = region::size_line;
  }
}

message_reader::step message_reader::check_limits() noexcept {
  switch (block_->where) {
    case region::head:
      if (block_->size >= limits_.start_line_bytes_max &&
          block_->text().find('\n') == grammar::npos) {
        return fail(fault::start_line_too_long);
      }
      return block_->size == limits_.head_bytes_max ? fail(fault::head_too_large) : step::starved;
    case region::size_line:
      return block_->chunk_overhead == limits_.chunk_overhead_bytes_max
                 ? fail(fault::chunk_overhead_too_large)
                 : step::starved;
    case region::data: return step::starved;
    case region::trailers:
      return block_->size - block_->head_size == limits_.trailer_bytes_max + empty_line_bytes
                 ? fail(fault::trailers_too_large)
                 : step::starved;
  }
  return step::starved;
}

message_reader::step message_reader::finish_head() noexcept {
  if (block_->overfull) return fail(fault::too_many_fields);
  // Trailers may follow, and the head can't be moved once it was told of.
  const bool chunked = (block_->parser.flags & F_CHUNKED) != 0;
  if (chunked && !block_->full_size && !grow()) return fail(fault::no_memory);
  field* table = block_->table();
  std::reverse(table, table + block_->fields);
  for (std::uint32_t i = 0; i < block_->fields; ++i) table[i].value = grammar::trim(table[i].value);
  const std::string_view all = block_->text();
  const std::size_t line_end = all.find('\n');
  if (line_end == 0 || line_end == grammar::npos || all[line_end - 1] != '\r') {
    return fail(fault::bare_line_feed);
  }
  if (all.find('\r') != line_end - 1) return fail(fault::bare_carriage_return);
  const auto wrong = complete(grammar::first(all, line_end - 1), {table, block_->fields});
  if (wrong) return fail(*wrong);
  // Two readings of one field would be one too many, also in a message that has no body.
  const bool codes = (block_->parser.flags & F_TRANSFER_ENCODING) != 0;
  if (codes && !chunked && !opens_tunnel()) {
    return fail(fault::invalid_transfer_encoding);
  }
  block_->head_size = block_->size;
  block_->head_fields = block_->fields;
  block_->where = region::size_line;
  return step::head;
}

std::optional<fault> message_reader::complete(std::string_view line,
                                              std::span<const field> fields) noexcept {
  if (is_request()) return complete_head(line, fields, *new (&block_->head.request) request_head);
  return complete_head(line, fields, asked_, *new (&block_->head.response) response_head);
}

message_reader::step message_reader::finish_trailers() noexcept {
  if (block_->overfull) return fail(fault::trailers_too_large);
  const std::span all(block_->table(), block_->fields - block_->head_fields);
  for (field& f : all) {
    f.value = grammar::trim(f.value);
    if (grammar::is_framing(f.name)) return fail(fault::framing_in_trailers);
  }
  const auto kept_end = std::remove_if(all.rbegin(), all.rend(), [](const field& f) {
    return grammar::is_forbidden_trailer(f.name);
  });
  block_->fields -= static_cast<std::uint32_t>(all.rend() - kept_end);
  std::reverse(kept_end.base(), all.end());
  return step::end;
}

message_reader::step message_reader::fail(fault what) noexcept {
  error_ = what;
  return step::failed;
}

message_reader::step message_reader::fail_as_parsed() noexcept {
  switch (block_->where) {
    case region::head:
      return fail(is_request() ? fault_in_head(block_->text(), block_->parser)
                               : fault_in_response_head(block_->text(), block_->parser));
    case region::size_line:
    case region::data: return fail(fault_in_chunk(block_->parser));
    case region::trailers:
      return fail(
          fault_in_trailers(grammar::behind(block_->text(), block_->head_size), block_->parser));
  }
  return step::failed;
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
  block& b = *self.block_;
  const std::string_view text = b.place(at, size);
  field& newest = *b.table();
  if (b.fields > 0 && !b.value_next && !b.overfull && adjoins(newest.name, text)) {
    newest.name = {newest.name.data(), newest.name.size() + size};
  } else if (b.fields == self.limits_.fields_max) {
    b.overfull = true;
  } else {
    new (&newest - 1) field{text, {}};
    ++b.fields;
  }
  b.value_next = false;
  return 0;
}

int message_reader::on_value(llhttp_t* parser, const char* at, std::size_t size) noexcept {
  block& b = *of(parser).block_;
  if (b.overfull) return 0;
  std::string_view& value = b.table()->value;
  value = b.value_next ? std::string_view{value.data(), value.size() + size} : b.place(at, size);
  b.value_next = true;
  return 0;
}

int message_reader::on_head_end(llhttp_t* parser) noexcept {
  of(parser).block_->paused = step::head;
  return HPE_PAUSED;
}

int message_reader::on_chunk_begin(llhttp_t* parser) noexcept {
  block& b = *of(parser).block_;
  b.paused = step::chunk;
  b.chunk_left = parser->content_length;
  return HPE_PAUSED;
}

// llhttp also reports nothing, again and again, when it pauses at the end of a span.
int message_reader::on_piece(llhttp_t* parser, const char* at, std::size_t size) noexcept {
  if (size == 0) return 0;
  block& b = *of(parser).block_;
  b.paused = step::piece;
  b.piece = text_bytes({at, size});
  b.chunk_left -= size;
  return HPE_PAUSED;
}

int message_reader::on_end(llhttp_t* parser) noexcept {
  of(parser).block_->paused = step::end;
  return HPE_PAUSED;
}

}  // namespace drywire::http1
