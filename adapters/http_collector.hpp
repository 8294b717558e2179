// Collects a response for http_client::fetch().
#pragma once

#include <drywire/adapters/http_call.hpp>
#include <drywire/adapters/http_client.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace drywire {

class http_collector final : public http_call_handler {
 public:
  /// For the next response.
  void begin(std::size_t body_bytes_max, http_client::answer_callback on_answer) noexcept;
  /// Nobody wants the answer any more: what its callback has captured dies.
  void forget() noexcept { on_answer_ = {}; }
  /// Bytes of memory that it keeps for the next one.
  [[nodiscard]] std::size_t kept_bytes() const noexcept {
    return text_.capacity() + body_.capacity();
  }

 private:
  void on_head(http_call&, const http1::response_head& head) noexcept override;
  void on_body(http_call& call, const_bytes piece) noexcept override;
  void on_trailers(http_call&, std::span<const http1::field> trailers) noexcept override;
  void on_end(http_call&, const http_outcome& how) noexcept override;

  // The fields, and the trailers behind them, by their places in text_: that moves while it grows.
  struct line {
    std::size_t name_size;
    std::size_t value_size;
  };
  void add(const http1::field& f);

  std::size_t body_bytes_max_ = 0;
  bool too_large_ = false;
  unsigned status_ = 0;
  std::size_t reason_size_ = 0;
  std::size_t head_lines_ = 0;
  std::string text_;
  std::vector<line> lines_;
  std::vector<http1::field> fields_;
  std::string body_;
  http_client::answer_callback on_answer_;
};

}  // namespace drywire
