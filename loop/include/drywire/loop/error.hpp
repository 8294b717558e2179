// An operating system's error as a value; and a result that is either a value or such an error.
#pragma once

#include <string_view>
#include <utility>

namespace drywire {

/// An errno, or none. Compares equal to the `std::errc` of the same meaning. No exception is made
/// of it anywhere in loop/ or backends/.
class [[nodiscard]] error {
 public:
  constexpr error() = default;
  /// `code` is a value of errno; 0 means no error.
  constexpr explicit error(int code) noexcept : code_(code) {}

  [[nodiscard]] constexpr int code() const noexcept { return code_; }
  /// True when there is an error.
  [[nodiscard]] constexpr explicit operator bool() const noexcept { return code_ != 0; }
  /// The symbol of the code, such as "ECONNRESET"; "ok" for none. A static string.
  [[nodiscard]] std::string_view name() const noexcept;
  /// What the operating system says of it, such as "Connection reset by peer". A static string.
  [[nodiscard]] std::string_view message() const noexcept;

  friend constexpr bool operator==(error, error) noexcept = default;

  /// To std::errc, without naming a std header.
  template <class StdErrc>
    requires requires { StdErrc::address_in_use; }
  friend constexpr bool operator==(error e, StdErrc code) noexcept {
    return e.code_ == static_cast<int>(code);
  }

 private:
  int code_ = 0;
};

/// A value, or why there is none.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) noexcept : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  result(drywire::error e) noexcept : error_(e) {}        // NOLINT(google-explicit-constructor)

  /// True when there is a value.
  [[nodiscard]] explicit operator bool() const noexcept { return !error_; }
  [[nodiscard]] drywire::error error() const noexcept { return error_; }
  /// Precondition for these: there is a value.
  [[nodiscard]] T& operator*() noexcept { return value_; }
  [[nodiscard]] const T& operator*() const noexcept { return value_; }
  [[nodiscard]] T* operator->() noexcept { return &value_; }
  [[nodiscard]] const T* operator->() const noexcept { return &value_; }

 private:
  T value_{};
  drywire::error error_;
};

}  // namespace drywire
