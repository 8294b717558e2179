// The content codings of a response's body undone, RFC 9110 8.4: one behind the other, a room of
// bytes at a time, so that a call that is held stops in the middle of a piece.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/deflate/content_decoder.hpp>
#include <drywire/protocol/http1.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace drywire {

class http_decoding {
 public:
  /// More than one is hardly ever seen, and each is a chance to multiply.
  static constexpr std::size_t codings_max = 2;

  /// For the next response; false if its codings aren't known, or too many. Without any, active()
  /// is false.
  [[nodiscard]] bool begin(const http1::response_head& head, storage& memory,
                           const deflate::limits& limits);
  void end() noexcept;
  [[nodiscard]] bool active() const noexcept { return count_ != 0; }

  /// The next bytes of the body. Precondition: decode() has come to its end.
  void feed(const_bytes piece) noexcept {
    stages_[0].in = piece;
    fed_ += piece.size();
  }
  /// Fills `room` with decoded bytes. None: all that was fed is decoded, or failed() says why not.
  [[nodiscard]] std::size_t decode(mutable_bytes room);
  /// What was fed dies: a copy of the rest is kept, for decode() to go on with.
  void keep_rest();
  /// decode() may have more to give.
  [[nodiscard]] bool has_rest() const noexcept { return rest_; }

  /// The body is complete. Precondition: !has_rest().
  [[nodiscard]] std::optional<deflate::fault> finish() noexcept;
  [[nodiscard]] std::optional<deflate::fault> failed() const noexcept { return failed_; }

 private:
  struct stage {
    std::optional<deflate::content_decoder> decoder;
    const_bytes in;
    std::vector<std::byte> memory;  // of `in`: the copied rest, or what the stage before gave
  };
  [[nodiscard]] std::size_t decode(std::size_t index, mutable_bytes room);
  [[nodiscard]] bool multiplies() const noexcept;

  deflate::limits limits_;
  std::array<stage, codings_max> stages_;
  std::size_t count_ = 0;
  std::uint64_t fed_ = 0;    // encoded bytes
  std::uint64_t given_ = 0;  // decoded bytes
  bool rest_ = false;
  std::optional<deflate::fault> failed_;
};

}  // namespace drywire
