// One side of WebSocket under a fuzzer: small limits, so that a short input meets all of them, and
// an application that echoes, or does whatever the decisions say.
#pragma once

#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/fuzz.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/websocket/connection.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace drywire {

enum class websocket_compression { none, by_message, by_connection };

template <websocket::role Side, websocket_compression Compression>
class websocket_subject {
 public:
  using machine = websocket::connection;

  static constexpr std::size_t block_bytes = 1024;
  static constexpr std::size_t output_bytes_max = 4000;
  // One of the codec, one of control frames. Output: a block holds 900 bytes at least, of which
  // half may be lost when lent bytes are taken over; a frame, pongs and a Close come on top.
  static constexpr std::size_t blocks_max = 2 + 2 * (output_bytes_max + 3000) / 900 + 2;

  explicit websocket_subject(testkit::choices decisions) : decisions_(decisions) {}

  static machine make(storage& memory) {
    if (Compression == websocket_compression::none) return make_with(std::nullopt, memory);
    return make_with(websocket::deflate_parameters{!remembers, !remembers, 9, 9}, memory);
  }

  static machine make_with(const std::optional<websocket::deflate_parameters>& agreed,
                           storage& memory) {
    return machine(Side, memory, small(), tools(agreed));
  }

  /// As small windows as there are.
  static websocket::compression wanted() {
    return {.own_context = remembers,
            .peer_context = remembers,
            .own_window_bits = 9,
            .peer_window_bits = 9,
            .message_bytes_min = 16};
  }

  static entropy& keys() {
    static fixed_keys all;
    return all;
  }

  /// Sometimes wishes for something at once.
  void begin(machine& m) {
    if (decisions_.below(4) == 3) static_cast<void>(m.apply(wish()));
  }

  // Decides at ends of messages and at control frames, never at pieces: those depend on cuts.
  void react(machine& m, const websocket::event& event) {
    if (const auto* part = std::get_if<websocket::message>(&event)) {
      if (part->first) message_.clear();
      message_ += as_text(part->bytes);
      if (part->last) at_end(m, *part);
    } else if (std::holds_alternative<websocket::pong>(event)) {
      at_pong(m);
    }
  }

  const websocket::command& wish() {
    namespace wish = websocket::wish;
    switch (decisions_.below(16)) {
      case 0:
      case 1: wish_ = wish::send{kind(), text(), life()}; break;
      case 2: wish_ = wish::start_message{kind()}; break;
      case 3:
      case 4: wish_ = wish::send_piece{text(), life()}; break;
      case 5: wish_ = wish::finish_message{}; break;
      case 6: wish_ = wish::send_prepared{prepared(), life()}; break;
      case 7: wish_ = wish::send_ping{text()}; break;
      case 8: wish_ = wish::send_pong{text()}; break;
      case 9:
      case 10: wish_ = wish::close{code(), as_text(text())}; break;
      case 11:
      case 12: wish_ = wish::hold{}; break;
      case 13:
      case 14: wish_ = wish::resume{}; break;
      case 15: wish_ = wish::abort{}; break;
    }
    return wish_;
  }

  static bool is_last(const websocket::event& event) {
    return std::holds_alternative<websocket::closed>(event) ||
           std::holds_alternative<websocket::peer_error>(event);
  }

 private:
  static constexpr bool remembers = Compression == websocket_compression::by_connection;

  class fixed_keys final : public entropy {
   public:
    void fill(mutable_bytes to) noexcept override { std::ranges::fill(to, std::byte{0x5A}); }
  };

  static websocket::limits small() {
    websocket::limits limits;
    limits.message_bytes_max = 2000;
    limits.ratio_free_bytes = 500;
    limits.inflate_ratio_max = 1;
    limits.fragments_max = 5;
    limits.fragment_free_bytes = 20;
    limits.pings_unanswered_max = 20;
    limits.output_bytes_max = output_bytes_max;
    limits.output_low_bytes = 1000;
    return limits;
  }

  static websocket::tools tools(const std::optional<websocket::deflate_parameters>& agreed) {
    static testkit::heap_storage deflate_memory(deflate::deflate_block_bytes(9));
    websocket::tools all;
    all.keys = &keys();
    all.deflate = agreed;
    all.compression = wanted();
    all.deflate_memory = &deflate_memory;
    return all;
  }

  void at_end(machine& m, const websocket::message& part) {
    const const_bytes all = text_bytes(message_);
    errc done = errc::ok;
    switch (decisions_.below(12)) {
      case 4: done = m.send_ping(all.first(std::min<std::size_t>(all.size(), 125))); break;
      case 5: done = m.hold(); break;
      case 6: done = m.close(code(), {}); break;
      case 7: done = m.start_message(part.kind); break;
      case 8: done = m.send_piece(all); break;
      case 9: done = m.finish_message(); break;
      case 10: done = m.send_prepared(prepared()); break;
      case 11: break;
      default:
        // What lies whole in the input goes back from there.
        done = part.first ? m.send(part.kind, part.bytes, lifetime::lent) : m.send(part.kind, all);
        break;
    }
    static_cast<void>(done);
  }

  void at_pong(machine& m) {
    errc done = errc::ok;
    switch (decisions_.below(6)) {
      case 4: done = m.resume(); break;
      case 5: done = m.close(); break;
      default: break;
    }
    static_cast<void>(done);
  }

  websocket::kind kind() {
    return decisions_.below(2) == 0 ? websocket::kind::text : websocket::kind::binary;
  }

  // Views of what lives as long as the process.
  const_bytes text() {
    static const std::string all[] = {"",
                                      "a",
                                      "\xE2\x82",
                                      "\xAC",
                                      "\xFF",
                                      std::string(100, 'b'),
                                      std::string(130, 'c'),
                                      std::string(3000, 'd'),
                                      std::string(5000, 'e')};
    return text_bytes(all[decisions_.below(std::size(all))]);
  }

  lifetime life() { return decisions_.below(3) == 2 ? lifetime::stable : lifetime::copied; }

  std::uint16_t code() {
    static constexpr std::uint16_t all[] = {1000, 1001, 1005, 1006, 999, 3000, 4999, 5000};
    return all[decisions_.below(std::size(all))];
  }

  static websocket::prepared_message prepared() {
    return {text_bytes("\x81\x05Hello"), text_bytes("\xC1\x07\xF2\x48\xCD\xC9\xC9\x07\x00"), 9};
  }

  testkit::choices decisions_;
  websocket::command wish_;
  std::string message_;
};

/// Runs `Fuzz` with the compression that the first decision names.
template <websocket::role Side, template <class> class Fuzz>
void fuzz_websocket(const_bytes bytes) {
  using enum websocket_compression;
  switch (testkit::fuzz_input(bytes).decisions.below(3)) {
    case 0: return Fuzz<websocket_subject<Side, none>>::run(bytes);
    case 1: return Fuzz<websocket_subject<Side, by_message>>::run(bytes);
    default: return Fuzz<websocket_subject<Side, by_connection>>::run(bytes);
  }
}

template <class Subject>
struct whole_connection {
  static void run(const_bytes bytes) { testkit::fuzz_connection<Subject>(bytes); }
};

template <class Subject>
struct whole_and_cut {
  static void run(const_bytes bytes) { testkit::fuzz_splits<Subject>(bytes); }
};

}  // namespace drywire
