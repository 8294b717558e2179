// A WebSocket client: says one thing, prints the first answer, and closes.
#include <drywire/adapters/websocket_client.hpp>
#include <drywire/backends/make_backend.hpp>

#include <cstdio>
#include <string_view>

using drywire::websocket_peer;

namespace {

class question final : public drywire::websocket_handler {
 public:
  explicit question(std::string_view text) : text_(text) {}
  [[nodiscard]] bool answered() const { return answered_; }

 private:
  void on_open(websocket_peer& peer) noexcept override { static_cast<void>(peer.send(text_)); }
  void on_message(websocket_peer& peer, const drywire::websocket_message& m) noexcept override {
    answered_ = true;
    std::fwrite(m.bytes.data(), 1, m.bytes.size(), stdout);
    static_cast<void>(peer.close());
  }
  // Whatever happens, this comes.
  void on_closed(websocket_peer&, const drywire::websocket_outcome& how) noexcept override {
    if (!how.clean()) std::fprintf(stderr, "%s\n", how.message().c_str());
  }

  std::string_view text_;
  bool answered_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const auto loop = drywire::make_backend("native");  // or "asio", or "uv"
  if (!loop || argc != 3) return 2;
  question asked(argv[2]);
  drywire::websocket_client client(*loop);
  client.connect(argv[1], asked);
  // Returns when nothing is left to wait for.
  if (loop->run()) return 2;
  return asked.answered() ? 0 : 1;
}
