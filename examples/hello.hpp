// What the examples share: an application that knows no loop, and memory for its machines.
#pragma once

#include <drywire/base/storage.hpp>
#include <drywire/protocol/http1_server.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace hello {

// Blocks from the heap, kept for the next request.
class blocks final : public drywire::storage {
 public:
  drywire::mutable_bytes acquire() noexcept override {
    if (spare_.empty()) spare_.push_back(std::make_unique<std::byte[]>(block_size()));
    std::byte* block = spare_.back().release();
    spare_.pop_back();
    return {block, block_size()};
  }
  void release(std::byte* block) noexcept override { spare_.emplace_back(block); }
  std::size_t block_size() const noexcept override { return drywire::http1::server::block_bytes; }

 private:
  std::vector<std::unique_ptr<std::byte[]>> spare_;
};

// Greets, and sends the body of a POST back as it comes.
inline void on_event(drywire::http1::server& machine, const drywire::http1::server::event& event) {
  namespace http1 = drywire::http1;
  drywire::errc answer = drywire::errc::ok;
  if (const auto* r = std::get_if<http1::request>(&event)) {
    answer = r->head->method == "POST" ? machine.start_response(200)
                                       : machine.respond(200, {{"Content-Type", "text/plain"}},
                                                         drywire::text_bytes("hello\n"));
  } else if (const auto* b = std::get_if<http1::body>(&event)) {
    answer = machine.send(b->bytes, http1::lifetime::lent);
  } else if (std::holds_alternative<http1::request_end>(event) && machine.response_open()) {
    answer = machine.finish();
  }
  if (answer != drywire::errc::ok) static_cast<void>(machine.abort());
}

inline drywire::now clocks() {
  return {.steady = {std::chrono::steady_clock::now().time_since_epoch().count()},
          .unix_seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())};
}

}  // namespace hello
