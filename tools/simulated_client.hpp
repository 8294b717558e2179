// A client of the simulated server: requests over connections that it keeps, thinking in between.
// What it does next is drawn from a generator of its own. It checks every byte of every reply.
#pragma once

#include "reply_reader.hpp"
#include "simulated_user.hpp"

#include <drywire/loop/backend.hpp>
#include <drywire/testkit/random.hpp>

#include <cstdint>
#include <string>

namespace drywire::tools {

class simulated_client final : public simulated_user, private stream_handler, private timer {
 public:
  simulated_client(backend& loop, client_plan& plan, std::uint64_t number, std::uint64_t seed);
  ~simulated_client() override { timer::cancel(); }

  /// Gives up a connection that is silent for minutes. A timer for each request, which hardly ever
  /// fires, would be most of what a client costs.
  void check_patience() noexcept override;
  void finish() noexcept override;
  [[nodiscard]] bool busy() const noexcept override { return stream_ != nullptr; }

 private:
  /// What the timer is for.
  enum class step : std::uint8_t { ask, go_on_sending, go_on_reading };

  void on_open(stream&) noexcept override;
  void on_data(stream&, lent_buffer& lent) noexcept override;
  void on_eof(stream&) noexcept override;
  void on_writable(stream&) noexcept override { push(); }
  void on_closed(stream&, error reason) noexcept override;
  void on_timer() noexcept override;

  void plan_next(step what, duration pause) noexcept;
  void think() noexcept;
  void connect() noexcept;
  void ask();
  void add_request();
  void add_number(std::uint64_t n, int base = 10);
  void add_body(std::uint64_t identity, std::size_t size, bool chunked);
  void push() noexcept;
  void misbehave() noexcept;
  /// Whether the connection may end here.
  [[nodiscard]] bool may_end() const noexcept;
  void violate(const std::string& what) noexcept;
  [[nodiscard]] bool once_in(std::size_t times) noexcept { return random_.below(times) == 0; }
  [[nodiscard]] std::size_t size_of_body() noexcept;

  backend& loop_;
  client_plan& plan_;
  const std::uint64_t number_;
  testkit::random random_;
  stream* stream_ = nullptr;
  reply_reader replies_;
  std::string unsent_;
  std::size_t sent_ = 0;  // of unsent_
  std::uint32_t asked_ = 0;
  instant replied_;
  instant waits_since_;
  step next_ = step::ask;
  bool slow_ = false;     // sends this request in pieces
  bool late_ = false;     // the server may have closed before it could see this request
  bool excused_ = false;  // this connection may end at any time
  bool half_closed_ = false;
};

}  // namespace drywire::tools
