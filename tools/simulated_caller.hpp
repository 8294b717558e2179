// A user of the HTTP client in the simulated network: calls, one after the other, on connections
// that it shares with the others. It checks every byte, and that every call ends once, in time.
#pragma once

#include "simulated_user.hpp"

#include <drywire/adapters/http_client.hpp>
#include <drywire/testkit/random.hpp>

#include <cstdint>
#include <string>

namespace drywire::tools {

class simulated_caller final : public simulated_user, private http_call_handler, private timer {
 public:
  simulated_caller(backend& loop, http_client& client, client_plan& plan, std::uint64_t number,
                   std::uint64_t seed);
  ~simulated_caller() override;

  /// A call whose timeout is over has to be over.
  void check_patience() noexcept override;
  void finish() noexcept override;
  [[nodiscard]] bool busy() const noexcept override { return calling_; }

 private:
  /// What the timer is for.
  enum class step : std::uint8_t { ask, resume, cancel };

  void on_timer() noexcept override;
  void on_head(http_call& call, const http1::response_head& head) noexcept override;
  void on_body(http_call& call, const_bytes piece) noexcept override;
  void on_end(http_call& call, const http_outcome& how) noexcept override;

  void plan_next(step what, duration pause) noexcept;
  void ask();
  void check_complete() noexcept;
  void check_incomplete(const http_outcome& how) noexcept;
  void violate(const std::string& what) noexcept;
  [[nodiscard]] bool once_in(std::size_t times) noexcept { return random_.below(times) == 0; }

  backend& loop_;
  http_client& client_;
  client_plan& plan_;
  const std::uint64_t number_;
  testkit::random random_;
  http_call_handle call_;
  instant due_;
  std::uint64_t identity_ = 0;
  std::uint64_t size_ = 0;      // of the body that is to come
  std::uint64_t position_ = 0;  // in it
  unsigned status_ = 0;         // that is to come; then, 0
  std::uint32_t asked_ = 0;
  step next_ = step::ask;
  bool calling_ = false;
  bool cancelled_ = false;
};

}  // namespace drywire::tools
