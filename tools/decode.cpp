#include "decode.hpp"

#include "decoding.hpp"
#include "event_writer.hpp"

#include <drywire/adapters/pool_storage.hpp>
#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace drywire::tools {

namespace {

// Who receives the bytes, and what it does so that it reads on.

struct server_side {
  http1::server machine;

  explicit server_side(storage& memory) : machine(memory, limits()) {}

  static http1::limits limits() {
    http1::limits l;
    l.body_bytes_max = std::numeric_limits<std::uint64_t>::max();
    return l;
  }
  void before_bytes() {}
  // The machine reads no further before a request is answered.
  void told(const http1::server_event& event, bool) {
    if (const auto* r = std::get_if<http1::request>(&event)) head_ = r->head;
    if (!std::holds_alternative<http1::request_end>(event)) return;
    if (!switches()) static_cast<void>(machine.respond(200));
  }

 private:
  // Whether it was granted, the peer's bytes don't say. Most of what is asked for is; but h2c,
  // which RFC 9113 3.1 has made obsolete, hardly anywhere.
  bool switches() {
    const http1::field* upgrade = head_->asks_upgrade ? head_->find("Upgrade") : nullptr;
    if (upgrade == nullptr) return machine.switch_protocols() == errc::ok;
    const std::string_view first = upgrade->value.substr(0, upgrade->value.find(','));
    if (http1::equal_ignoring_case(first, "h2c")) return false;
    return machine.switch_protocols({{"Upgrade", first}}) == errc::ok;
  }

  const http1::request_head* head_ = nullptr;
};

struct client_side {
  http1::client machine;

  explicit client_side(storage& memory) : machine(memory) {}

  // What it hasn't asked for is no response to it, and a 101 only to what asks for it. A request
  // that was answered by nothing, on the other hand, would be an error behind the last response.
  void before_bytes() {
    if (!machine.takes_request()) return;
    static_cast<void>(machine.send_request("GET", "/", {{"Host", "a"}, {"Upgrade", "x"}}));
    machine.consume_output(machine.output(1000).size());
  }
  void told(const http1::client_event& event, bool more) {
    if (more && std::holds_alternative<http1::exchange_over>(event)) before_bytes();
  }
};

template <class Role>
class decoder {
 public:
  explicit decoder(event_writer& out) : out_(out) {}

  void receive(const_bytes bytes) {
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    role_.before_bytes();
    while (pull()) {
    }
  }

  void receive_eof() {
    // What came behind the last exchange of a connection was eaten, or left, without a look at it.
    const std::uint64_t unread = offset_ + kept_.size() - told_;
    const bool ended = machine_.ending() != ending::open || !kept_.empty();
    if (!fault_ && ended && unread != 0) {
      out_.event("not read");
      out_.detail("bytes", std::to_string(unread));
    }
    machine_.receive_eof(true);
    while (pull()) {
    }
  }

  [[nodiscard]] std::optional<http1::fault> fault() const noexcept { return fault_; }
  /// Of the first byte behind those that made the last event.
  [[nodiscard]] std::uint64_t offset() const noexcept { return told_; }

 private:
  // True when there may be more: an event came, bytes went, or output made room.
  bool pull() {
    auto cursor = machine_.receive(kept_);
    bool progress = false;
    while (const auto event = cursor.next()) {
      progress = true;
      // That one tells of what was sent, behind input that may have been eaten meanwhile.
      const bool of_output = std::holds_alternative<http1::exchange_over>(*event);
      if (!of_output) told_ = offset_ + cursor.consumed();
      if (const auto* error = std::get_if<http1::peer_error>(&*event)) fault_ = error->what;
      normalise(*event, out_);
      role_.told(*event, !cursor.remaining().empty());
    }
    progress = progress || cursor.consumed() != 0;
    offset_ += cursor.consumed();
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(cursor.consumed()));
    return drop_output(machine_) || progress;
  }

  event_writer& out_;
  pool_storage memory_{http1::server::block_bytes, 64};
  Role role_{memory_};
  decltype(Role::machine)& machine_ = role_.machine;
  std::vector<std::byte> kept_;
  std::uint64_t offset_ = 0;  // of the first byte of kept_
  std::uint64_t told_ = 0;
  std::optional<http1::fault> fault_;
};

}  // namespace

int decode_http1(std::FILE* in, const std::string& name, messages kind, bool json, std::FILE* out,
                 std::FILE* errors) {
  event_writer writer(out, json ? event_writer::form::json : event_writer::form::text);
  if (kind == messages::responses) {
    return decode_all(in, name, decoder<client_side>(writer), writer, errors);
  }
  return decode_all(in, name, decoder<server_side>(writer), writer, errors);
}

}  // namespace drywire::tools
