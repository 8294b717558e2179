// A hash over what an HTTP server told and wrote: equal hashes mean the same observable behaviour.
//
// Of each connection the normalised events and the reply bytes are hashed; the sum over all
// connections doesn't depend on which came first. Left out is what depends on how fast bytes
// left: exchange_over, output_low and a failed transport. No ports, no times, no chunk borders.
#pragma once

#include <drywire/adapters/driver.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/websocket/connection.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace drywire {

/// 64-bit FNV-1a, over bytes as they come.
class fnv_hash {
 public:
  void add(const_bytes bytes) noexcept {
    for (const std::byte b : bytes) {
      value_ = (value_ ^ std::to_integer<std::uint64_t>(b)) * 0x100'0000'01b3U;
    }
  }
  void add(std::string_view text) noexcept { add(text_bytes(text)); }
  void add(std::uint64_t number) noexcept { add(std::as_bytes(std::span(&number, 1))); }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0xcbf2'9ce4'8422'2325U;
};

class reply_scanner;

/// Outlives the servers that write to it. One thread.
class http_trace {
 public:
  /// Of the connections that have ended.
  [[nodiscard]] std::uint64_t hash() const noexcept { return sum_; }
  [[nodiscard]] std::uint64_t connections() const noexcept { return connections_; }
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
  [[nodiscard]] std::uint64_t output_bytes() const noexcept { return output_bytes_; }

  /// One connection's part; dying adds it to the trace.
  class recorder final : public driver_observer<http1::server> {
   public:
    explicit recorder(http_trace& trace);
    recorder(const recorder&) = delete;
    recorder& operator=(const recorder&) = delete;
    ~recorder();

    void on_event(const http1::server::event& event) noexcept override;
    void on_output(const_bytes written) noexcept override;
    void on_fin() noexcept override;
    /// Behind a switch.
    void on_event(const websocket::event& event) noexcept;

    // What normalise() calls; see drywire/testkit/trace.hpp for the same three words.
    void event(std::string_view name) noexcept;
    void detail(std::string_view key, std::string_view value) noexcept;
    void piece(std::string_view name, const_bytes bytes) noexcept;

   private:
    void add_sized(std::string_view text) noexcept;

    http_trace& trace_;
    fnv_hash events_;
    fnv_hash output_;
    std::unique_ptr<reply_scanner> replies_;
    std::string_view joining_;  // the name of the piece that goes on; empty when none does
  };

 private:
  std::uint64_t sum_ = 0;
  std::uint64_t connections_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t output_bytes_ = 0;
};

}  // namespace drywire
