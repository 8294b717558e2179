// Messages out of bytes, on llhttp: heads whole, bodies in pieces, one step at a time.
//
// llhttp is a fast tokenizer, not a compliant server or client. It is asked to tokenize heads and
// chunked bodies and nothing else: what it would let pass is checked on the complete head
// (http1_head), bodies with a length aren't shown to it at all, and it begins every message afresh.
// It pauses at the end of a head, at the end of a chunk's size line, behind each piece of a body
// and at the end of a message, so that every byte is accounted for: limits are limits of bytes
// given to it.
//
// The bytes of a head and of its trailers are copied to a block of the storage as they come, and
// all that is known of the message lies there, too: between messages there is nothing but a few
// words.
//
//   block: state, bytes ->      free      <- table of fields, the first one last
//
// A message begins in a block of a storage of its own, a small one as a rule, because most heads
// are short and who is slow with one shouldn't hold much. It moves to a full block when the next
// bytes might not fit. Once its head is complete it stays where it is, and so do views of it.
#pragma once

#include "http1_chunk_extension.hpp"
#include "http1_head.hpp"

#include <drywire/base/bytes.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/protocol/http1.hpp>

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace drywire::http1 {

class message_reader {
 public:
  enum class step : std::uint8_t {
    starved,  ///< all of the input was taken, and more is needed
    head,     ///< request() or response() is complete
    chunk,    ///< chunk_bytes() more bytes of body were announced
    piece,    ///< piece() came, a part of the body
    end,      ///< the chunked body and its trailers() are complete
    failed,   ///< error() says why; only release() makes sense
  };

  /// All outlive the reader. Messages begin in a block of `beginnings`, which may be `memory`. The
  /// limits fit_to() `memory`.
  message_reader(storage& memory, storage& beginnings, const limits& limits) noexcept
      : memory_(memory), beginnings_(beginnings), limits_(limits) {}
  message_reader(const message_reader&) = delete;
  message_reader& operator=(const message_reader&) = delete;
  ~message_reader() { release(); }

  /// Lowers the limits so far that what they allow fits in one block.
  [[nodiscard]] static limits fit_to(const storage& memory, limits l) noexcept;

  /// Begins a request. False: the storage has no block.
  [[nodiscard]] bool begin_request() noexcept { return begin(HTTP_REQUEST); }
  /// Begins the response to a request that was `asked` so.
  [[nodiscard]] bool begin_response(asked_with asked) noexcept {
    asked_ = asked;
    return begin(HTTP_RESPONSE);
  }
  /// Ends it: the head and the trailers are gone.
  void release() noexcept;

  /// Reads on from `in`, shortened by what was taken: starved, head or failed.
  [[nodiscard]] step read_head(const_bytes& in) noexcept;
  /// Reads a chunked body. Precondition: the head is complete, and so isn't the body.
  [[nodiscard]] step read_chunked(const_bytes& in) noexcept;

  /// Precondition: it is a request, and its head is complete.
  [[nodiscard]] const request_head& request() const noexcept { return block_->head.request; }
  /// The same for a response.
  [[nodiscard]] const response_head& response() const noexcept { return block_->head.response; }
  /// Preconditions: it reads a chunked body.
  [[nodiscard]] std::uint64_t chunk_bytes() const noexcept { return block_->chunk_left; }
  [[nodiscard]] const_bytes piece() const noexcept { return block_->piece; }
  [[nodiscard]] std::span<const field> trailers() const noexcept;
  [[nodiscard]] fault error() const noexcept { return error_; }

 private:
  enum class region : std::uint8_t { head, size_line, data, trailers };
  // One of them is made when the head is complete.
  union heads {
    heads() noexcept {}  // NOLINT: there is none before
    request_head request;
    response_head response;
  };
  struct block {
    llhttp_t parser;
    heads head;
    std::uint32_t block_size = 0;
    std::uint32_t size = 0;            // of the bytes
    std::uint32_t head_size = 0;       // of those, the head's
    std::uint32_t chunk_overhead = 0;  // size lines, less what their chunks pay for
    std::uint32_t fields = 0;          // in the table
    std::uint32_t head_fields = 0;     // of those, the head's
    std::uint64_t chunk_left = 0;
    const_bytes piece;
    const char* slice = nullptr;  // what is being parsed; only meaningful inside run()
    step paused = step::starved;  // where a callback paused
    region where = region::head;
    chunk_extension extension;
    bool value_next = false;  // a field's value has begun
    bool overfull = false;    // a field found no room in the table
    bool full_size = false;   // of memory_, not of beginnings_

    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
    const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
    std::string_view text() const noexcept { return {bytes(), size}; }
    /// The newest field, the table's first.
    field* table() noexcept;
    std::size_t room() const noexcept;
    std::string_view place(const char* at, std::size_t n) const noexcept;
  };

  bool begin(llhttp_type_t type) noexcept;
  bool is_request() const noexcept { return block_->parser.type == HTTP_REQUEST; }
  std::optional<fault> complete(std::string_view line, std::span<const field> fields) noexcept;
  // Whose framing means nothing, RFC 9110 9.3.6.
  bool opens_tunnel() const noexcept {
    return !is_request() && asked_ == asked_with::connect && response().status / 100 == 2;
  }

  static message_reader& of(llhttp_t* parser) noexcept;
  static int on_name(llhttp_t* parser, const char* at, std::size_t size) noexcept;
  static int on_value(llhttp_t* parser, const char* at, std::size_t size) noexcept;
  static int on_head_end(llhttp_t* parser) noexcept;
  static int on_chunk_begin(llhttp_t* parser) noexcept;
  static int on_piece(llhttp_t* parser, const char* at, std::size_t size) noexcept;
  static int on_end(llhttp_t* parser) noexcept;

  std::size_t budget() const noexcept;
  std::size_t fitting(const_bytes in) const noexcept;
  bool grow() noexcept;
  bool run(const_bytes slice, std::size_t& taken) noexcept;
  void account(const_bytes bytes) noexcept;
  step finish_head() noexcept;
  step finish_trailers() noexcept;
  step check_limits() noexcept;
  step fail(fault what) noexcept;
  step fail_as_parsed() noexcept;

  static const llhttp_settings_t settings_;

  storage& memory_;
  storage& beginnings_;
  const limits& limits_;
  block* block_ = nullptr;  // null between messages
  asked_with asked_ = asked_with::any;
  fault error_ = fault::not_a_request;
};

}  // namespace drywire::http1
