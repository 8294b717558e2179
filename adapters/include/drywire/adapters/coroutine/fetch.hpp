// A call of the HTTP client, awaited. Not a part of coroutine.hpp: the client's header is heavier.
#pragma once

#include <drywire/adapters/coroutine/strand.hpp>
#include <drywire/adapters/http_client.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire::co {

/// What a call came to, with all that came.
struct fetched {
  struct field {
    std::string name;
    std::string value;
  };

  http_outcome outcome;
  unsigned status = 0;  ///< 0 if there was no response
  std::vector<field> fields;
  std::string body;

  /// The first field of that name; null if there is none.
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept {
    for (const field& f : fields) {
      if (http1::equal_ignoring_case(f.name, name)) return &f.value;
    }
    return nullptr;
  }
};

struct fetch_options {
  /// What a `fetched` may hold of the body. With more the outcome is body_too_large, and the body
  /// a part.
  std::size_t collected_bytes_max = std::size_t{16} << 20;
};

/// `co_await co::fetch(client, {.url = "http://localhost/"})`: a `fetched`, whatever the outcome.
/// What the request refers to lives until then, and so does the client. Cancelling ends the call.
class [[nodiscard]] fetch final : public awaitable<fetch>, private http_call_handler {
 public:
  fetch(http_client& client, http_request request, const fetch_options& options = {}) noexcept
      : client_(&client), request_(std::move(request)), options_(options) {}
  fetch(fetch&& unawaited) noexcept
      : awaitable(static_cast<awaitable&&>(unawaited)),
        client_(unawaited.client_),
        request_(std::move(unawaited.request_)),
        options_(unawaited.options_) {}
  ~fetch() { withdraw(); }

 private:
  friend awaitable;

  [[nodiscard]] bool ready() const noexcept { return false; }
  void start() noexcept { call_ = client_->start(std::move(request_), *this); }
  [[nodiscard]] fetched result() noexcept { return std::move(got_); }
  void withdraw() noexcept {
    if (call_) static_cast<void>(call_->abandon());
  }

  void on_head(http_call&, const http1::response_head& head) noexcept override {
    got_.status = head.status;
    for (const http1::field& f : head.fields) {
      got_.fields.push_back({std::string(f.name), std::string(f.value)});
    }
  }
  void on_body(http_call& call, const_bytes piece) noexcept override {
    const std::size_t room = options_.collected_bytes_max - got_.body.size();
    too_large_ = piece.size() > room;
    got_.body += as_text(piece.first(std::min(piece.size(), room)));
    if (too_large_) static_cast<void>(call.cancel());
  }
  void on_end(http_call&, const http_outcome& how) noexcept override {
    got_.outcome = too_large_ ? http_outcome{http_end::body_too_large} : how;
    call_ = {};
    complete();
  }

  http_client* client_;
  http_request request_;
  fetch_options options_;
  bool too_large_ = false;
  http_call_handle call_;
  fetched got_;
};

}  // namespace drywire::co
