#include "decode_websocket.hpp"

#include "decoding.hpp"
#include "event_writer.hpp"
#include "failure.hpp"

#include <drywire/adapters/pool_storage.hpp>
#include <drywire/adapters/system_entropy.hpp>
#include <drywire/deflate/deflater.hpp>
#include <drywire/websocket/connection.hpp>
#include <drywire/websocket/frame.hpp>
#include <drywire/websocket/handshake.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace drywire::tools {

namespace {

// Whatever the peer may send: both keep their windows.
constexpr websocket::compression any_compression{.own_context = true, .peer_context = true};

// None: what was captured has been sent.
websocket::limits no_limits() noexcept {
  websocket::limits l;
  l.message_bytes_max = std::numeric_limits<std::uint64_t>::max();
  l.fragments_max = l.inflate_ratio_max = l.pings_unanswered_max =
      std::numeric_limits<std::uint32_t>::max();
  return l;
}

std::string_view name_of(websocket::opcode what) noexcept {
  switch (what) {
    case websocket::opcode::continuation: return "continuation";
    case websocket::opcode::text: return "text";
    case websocket::opcode::binary: return "binary";
    case websocket::opcode::close: return "close";
    case websocket::opcode::ping: return "ping";
    case websocket::opcode::pong: return "pong";
  }
  return "reserved";
}

std::string hex_of(const websocket::masking_key& key) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte b : key) {
    text += digits[static_cast<unsigned char>(b) >> 4];
    text += digits[static_cast<unsigned char>(b) & 15];
  }
  return text;
}

class decoder {
 public:
  decoder(event_writer& out, messages kind,
          const std::optional<websocket::deflate_parameters>& deflate)
      : out_(out),
        rules_{.masked = kind == messages::requests, .compression = deflate.has_value()},
        machine_(kind == messages::requests ? websocket::role::server : websocket::role::client,
                 memory_, no_limits(),
                 {.keys = &random_,
                  .deflate = deflate,
                  .compression = any_compression,
                  .deflate_memory = &deflate_memory_}) {}

  void receive(mutable_bytes bytes) {
    while (!bytes.empty()) {
      if (over_) {
        unread_ += bytes.size();
        return;
      }
      bytes = bytes.subspan(payload_left_ == 0 && !broken_ ? take_header(bytes) : take(bytes));
    }
  }

  void receive_eof() {
    if (unread_ != 0) {
      out_.event("not read");
      out_.detail("bytes", std::to_string(unread_));
    }
    const bool within = header_size_ != 0 || payload_left_ != 0 || rules_.message_open;
    if (over_ || !within) return;
    machine_.receive_eof(true);
    feed({});
  }

  [[nodiscard]] std::optional<websocket::fault> fault() const noexcept { return fault_; }
  /// Of the first byte behind those that made the last event.
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

 private:
  // A byte at a time: a header is 14 at most.
  std::size_t take_header(mutable_bytes bytes) {
    header_[header_size_++] = bytes[0];
    const auto known = std::span(header_).first(header_size_);
    websocket::frame_header header;
    const websocket::header_reading read = websocket::read_header(known, rules_, header);
    broken_ = read.wrong.has_value();
    if (!broken_ && read.size == 0) return 1;
    if (!broken_) begin_frame(header);
    feed(known);
    header_size_ = 0;
    return 1;
  }

  std::size_t take(mutable_bytes bytes) {
    if (broken_) {
      feed(bytes);
      return bytes.size();
    }
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), payload_left_));
    payload_left_ -= n;
    feed(bytes.first(n));
    return n;
  }

  void begin_frame(const websocket::frame_header& header) {
    const auto flag = [this](std::string_view name, bool value) {
      out_.detail(name, value ? "1" : "0");
    };
    payload_left_ = header.length;
    if (!header.control()) rules_.message_open = !header.fin;
    out_.event("frame");
    out_.detail("opcode", name_of(header.opcode));
    flag("fin", header.fin);
    if (rules_.compression) flag("compressed", header.compressed);
    if (header.masked) out_.detail("mask", hex_of(header.key));
    out_.detail("length", std::to_string(header.length));
  }

  void feed(mutable_bytes bytes) {
    auto cursor = machine_.receive(bytes);
    while (const auto event = cursor.next()) {
      normalise(*event, out_);
      if (const auto* error = std::get_if<websocket::peer_error>(&*event)) fault_ = error->what;
      over_ = fault_ || std::holds_alternative<websocket::closed>(*event);
    }
    offset_ += cursor.consumed();
    unread_ += over_ ? cursor.remaining().size() : 0;
    drop_output(machine_);
  }

  event_writer& out_;
  websocket::frame_rules rules_;
  pool_storage memory_{websocket::connection::block_bytes, 64};
  pool_storage deflate_memory_{deflate::deflate_block_bytes(), 4};
  system_entropy random_;  // nothing that is sent matters
  websocket::connection machine_;
  std::array<std::byte, websocket::frame_header_bytes_max> header_;
  std::size_t header_size_ = 0;
  std::uint64_t payload_left_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t unread_ = 0;
  std::optional<websocket::fault> fault_;
  bool broken_ = false;  // the header; the machine says how
  bool over_ = false;
};

}  // namespace

std::optional<websocket::deflate_parameters> parse_extensions(const std::string& value) {
  if (value.empty()) return {};
  // What was agreed on is an offer that there is nothing to choose from.
  const http1::field fields[] = {{"Sec-WebSocket-Extensions", value}};
  http1::request_head head;
  head.fields = fields;
  const auto agreed = websocket::choose_deflate(head, any_compression);
  if (agreed) return agreed;
  throw failure("--extensions: '" + value +
                "' is not permessage-deflate with the parameters of RFC 7692 7.1");
}

int decode_websocket(std::FILE* in, const std::string& name, messages kind,
                     const std::optional<websocket::deflate_parameters>& deflate, bool json,
                     std::FILE* out, std::FILE* errors) {
  event_writer writer(out, json ? event_writer::form::json : event_writer::form::text);
  return decode_all(in, name, decoder(writer, kind, deflate), writer, errors);
}

}  // namespace drywire::tools
