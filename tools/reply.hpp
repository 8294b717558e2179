// The response to one exchange, and what the log will say of it.
#pragma once

#include "access_log.hpp"

#include <drywire/adapters/exchange.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace drywire::tools {

/// Fields for one response, one after the other; views. At most as many as any response has.
class reply_fields {
 public:
  void add(std::string_view name, std::string_view value) noexcept {
    fields_[size_++] = {name, value};
  }
  [[nodiscard]] http1::field_list list() const noexcept { return std::span(fields_.data(), size_); }

 private:
  std::array<http1::field, 10> fields_;
  std::size_t size_ = 0;
};

/// A value, for the time of one call. A response that can't be given must not leave its client
/// waiting: then the connection is dropped.
class reply {
 public:
  /// `entry`, if not null, lives until the exchange is over.
  reply(exchange& to, log_entry* entry) noexcept : exchange_(to), entry_(entry) {}

  [[nodiscard]] const http1::request_head& request() const noexcept { return exchange_.request(); }

  /// "404 Not Found", as text.
  void say(unsigned status, reply_fields fields = {});
  /// Nothing but a head.
  void head(unsigned status, const reply_fields& fields);
  /// A short text.
  void text(unsigned status, const reply_fields& fields, std::string_view body);
  /// Of a declared length.
  void give(unsigned status, const reply_fields& fields, std::unique_ptr<owned_body_source> source,
            std::uint64_t length);
  /// The request's own body, while it comes.
  void echo();

 private:
  exchange& exchange_;
  log_entry* entry_;
};

}  // namespace drywire::tools
