// Handlers of the adapters' own.
#include "websocket_part.hpp"

#include <new>
#include <utility>

namespace drywire {

namespace {

class message_listener final : public websocket_handler {
 public:
  explicit message_listener(websocket_callback on_message) noexcept
      : on_message_(std::move(on_message)) {}

 private:
  void on_message(websocket_peer& peer, const websocket_message& message) noexcept override {
    on_message_(peer, message);
  }
  void on_closed(websocket_peer&, const websocket_outcome&) noexcept override { delete this; }

  websocket_callback on_message_;
};

class deaf final : public websocket_handler {
  void on_closed(websocket_peer&, const websocket_outcome&) noexcept override {}
};

}  // namespace

websocket_options without_pieces(websocket_options options) noexcept {
  options.pieces = false;
  return options;
}

websocket_handler* make_websocket_listener(websocket_callback on_message) noexcept {
  return new (std::nothrow) message_listener(std::move(on_message));
}

void destroy_websocket_listener(websocket_handler& unused) noexcept {
  delete static_cast<message_listener*>(&unused);
}

websocket_handler& deaf_websocket_handler() noexcept {
  static deaf one;
  return one;
}

}  // namespace drywire
