// The way to a connected stream: look the name up, try its addresses in turn.
#pragma once

#include <drywire/adapters/http_outcome.hpp>
#include <drywire/adapters/resolver.hpp>
#include <drywire/base/instant.hpp>
#include <drywire/loop/backend.hpp>
#include <drywire/loop/stream.hpp>
#include <drywire/loop/timer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace drywire {

class dial_handler {
 public:
  virtual void on_connected(stream& transport) noexcept = 0;
  virtual void on_dial_failed(const http_outcome& why) noexcept = 0;

 protected:
  dial_handler() = default;
  dial_handler(const dial_handler&) = default;
  dial_handler& operator=(const dial_handler&) = default;
  ~dial_handler() = default;
};

/// Of a client; outlive the dial.
struct dial_options {
  duration timeout;
  resolver* names;
  const std::optional<endpoint>& connect_to;
};

class dial final : private stream_handler, private name_query, private timer {
 public:
  /// A name may have more addresses than anybody tries.
  static constexpr std::size_t addresses_max = 16;

  dial(backend& loop, const dial_options& options, dial_handler& handler) noexcept
      : loop_(loop), options_(options), handler_(handler) {}
  dial(const dial&) = delete;
  dial& operator=(const dial&) = delete;
  ~dial() override;

  /// Ends in on_connected() or on_dial_failed(), never from within this call. `host` is
  /// valid for the call. Throws std::bad_alloc.
  void start(std::string_view host, std::uint16_t port);

 private:
  void on_resolved(std::span<const endpoint> addresses) noexcept override;
  void on_unresolved(std::string_view why) noexcept override;
  void on_open(stream& transport) noexcept override;
  void on_data(stream&, lent_buffer&) noexcept override {}
  void on_eof(stream&) noexcept override {}
  void on_closed(stream&, error why) noexcept override;
  void on_timer() noexcept override;

  void try_next(const http_outcome& last) noexcept;
  void drop_stream() noexcept;

  backend& loop_;
  dial_options options_;
  dial_handler& handler_;
  instant end_;
  bool asked_ = false;  // the resolver has our query
  stream* stream_ = nullptr;
  std::vector<endpoint> addresses_;
  std::size_t tried_ = 0;
};

}  // namespace drywire
