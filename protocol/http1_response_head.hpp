// What a response's head is made of: the plan of it, and the text on its way to the queue. Private
// to response_writer, whose work on heads is in http1_response_head.cpp.
#pragma once

#include "http1_writer.hpp"

#include <cstring>
#include <optional>
#include <string_view>

namespace drywire::http1 {

// What a head has besides its fields and reason, generously: status line, Date, framing,
// Connection.
inline constexpr std::size_t head_bytes_fixed = 192;
inline constexpr std::size_t field_bytes_fixed = 4;  // ": " and CRLF

// RFC 9110 6.4.1: these have no content, whatever their fields say.
[[nodiscard]] inline bool is_bodyless(unsigned status) noexcept {
  return status < 200 || status == 204 || status == 205 || status == 304;
}

// In a base of at most 16.
template <std::size_t Size>
[[nodiscard]] std::string_view write_number(char (&to)[Size], std::uint64_t number,
                                            unsigned base) noexcept {
  char* at = to + Size;
  do {
    *--at = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  return {at, static_cast<std::size_t>(to + Size - at)};
}

// What a head will say.
struct response_writer::plan {
  unsigned status = 0;
  std::string_view reason = {};
  std::optional<std::uint64_t> length = {};  // declared by a field at first, then to be sent
  body_end framing = body_end::none;
  bool close = false;
  bool has_date = false;
  bool has_upgrade = false;
  std::size_t bytes = head_bytes_fixed;  // at most
};

// Collects text on the stack, so that the queue gets few and large copies.
class response_writer::text {
 public:
  explicit text(output_queue& queue) noexcept : queue_(queue), before_(queue.here()) {}

  void put(std::string_view s) noexcept {
    if (s.empty()) return;  // it may be null, which memcpy mustn't see
    if (s.size() > sizeof run_ - size_) flush();
    if (s.size() > sizeof run_) return note(queue_.copy(text_bytes(s)));
    std::memcpy(run_ + size_, s.data(), s.size());
    size_ += s.size();
  }
  void put_field(std::string_view name, std::string_view value) noexcept {
    put(name);
    put(": ");
    put(value);
    put("\r\n");
  }
  void flush() noexcept {
    note(queue_.copy(text_bytes({run_, size_})));
    size_ = 0;
  }
  void note(errc result) noexcept {
    if (result != errc::ok) result_ = result;
  }
  /// Ends the transaction: the queue is as it was if anything failed.
  errc finish() noexcept {
    flush();
    if (result_ != errc::ok) queue_.rollback(before_);
    return result_;
  }

 private:
  output_queue& queue_;
  output_queue::mark before_;
  errc result_ = errc::ok;
  std::size_t size_ = 0;
  char run_[512];
};

}  // namespace drywire::http1
