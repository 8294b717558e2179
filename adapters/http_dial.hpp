// The way to a connected stream: look the name up, try its addresses in turn.
#pragma once

#include <drywire/adapters/http_client.hpp>
#include <drywire/adapters/resolver.hpp>
#include <drywire/loop/stream.hpp>
#include <drywire/loop/timer.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace drywire {

class http_client_connection;

class http_dial final : private stream_handler, private name_query, private timer {
 public:
  /// A name may have more addresses than anybody tries.
  static constexpr std::size_t addresses_max = 16;

  http_dial(backend& loop, const http_client_options& options,
            http_client_connection& connection) noexcept
      : loop_(loop), options_(options), connection_(connection) {}
  http_dial(const http_dial&) = delete;
  http_dial& operator=(const http_dial&) = delete;
  ~http_dial() override;

  /// Ends in connection.on_connected() or on_dial_failed(), never from within this call. `host` is
  /// valid for the call.
  void start(std::string_view host, std::uint16_t port) noexcept;

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
  const http_client_options& options_;
  http_client_connection& connection_;
  instant end_;
  bool asked_ = false;  // the resolver has our query
  stream* stream_ = nullptr;
  std::vector<endpoint> addresses_;
  std::size_t tried_ = 0;
};

}  // namespace drywire
