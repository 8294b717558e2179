// Text of a message on its way to the output queue.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/protocol/output_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace drywire::http1 {

inline constexpr std::size_t field_bytes_fixed = 4;  // ": " and CRLF

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

// Collects text on the stack, so that the queue gets few and large copies.
class text_run {
 public:
  explicit text_run(output_queue& queue) noexcept : queue_(queue), before_(queue.here()) {}

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
