// What a connection has to tell of the bytes that come, found out one byte after the other: slow,
// and plain to see right. Of the machine it knows nothing but the names of faults.
#pragma once

#include "naive_utf8.hpp"
#include "zlib_peer.hpp"

#include <drywire/websocket/websocket.hpp>

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace websocket_test {

using drywire::websocket::fault;

/// Tells "text: x" for each byte of a message, "text end", "ping x", "pong x", "closed 1000 x", and
/// as the last thing "wrong x".
class naive_reader {
 public:
  struct options {
    bool masked;    ///< the peer has to mask, because it is a client
    bool deflates;  ///< permessage-deflate was agreed on,
    bool takeover;  ///< and messages may refer to earlier ones
    drywire::websocket::limits limits;
  };

  explicit naive_reader(const options& o) : options_(o), inflater_(15, o.takeover) {}

  std::deque<std::string> told;

  /// Pings that came in are counted by whoever knows which of them were answered.
  void read(std::string_view bytes) {
    for (const char c : bytes) {
      if (over_) return;
      inside_ ? read_payload(c) : read_header(c);
    }
  }

 private:
  unsigned at(std::size_t i) const { return static_cast<unsigned char>(header_[i]); }
  unsigned opcode() const { return at(0) & 0x0FU; }
  bool controls() const { return opcode() >= 8; }

  void fail(fault what) {
    told.push_back("wrong " + std::string(to_string(what)));
    over_ = true;
  }

  void read_header(char c) {
    if (whole_header_) header_.clear();
    whole_header_ = false;
    header_ += c;
    if (header_.size() == 1) return check_first_byte();
    const unsigned short_length = at(1) & 0x7FU;
    if (header_.size() == 2) check_second_byte(short_length);
    const std::size_t more = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    if (more != 0 && !over_) check_length(more);
    if (over_ || header_.size() < 2 + more + (options_.masked ? 4 : 0)) return;
    length_ = more == 0 ? short_length : 0;
    for (std::size_t i = 0; i < more; ++i) length_ = length_ << 8 | at(2 + i);
    begin_frame();
  }

  void check_first_byte() {
    const bool compressed = (at(0) & 0x40U) != 0;
    const bool fin = (at(0) & 0x80U) != 0;
    if ((at(0) & 0x30U) != 0 || (compressed && !options_.deflates))
      return fail(fault::reserved_bits);
    if ((opcode() > 2 && opcode() < 8) || opcode() > 10) return fail(fault::reserved_opcode);
    if (controls()) {
      if (compressed) return fail(fault::compressed_control);
      if (!fin) return fail(fault::fragmented_control);
      return;
    }
    if (opcode() == 0 && !message_) return fail(fault::unexpected_continuation);
    if (opcode() != 0 && message_) return fail(fault::interrupted_message);
    if (opcode() == 0 && compressed) return fail(fault::compressed_continuation);
  }

  void check_second_byte(unsigned length) {
    const bool masked = (at(1) & 0x80U) != 0;
    if (masked && !options_.masked) return fail(fault::masked_frame);
    if (!masked && options_.masked) return fail(fault::unmasked_frame);
    if (controls() && length > 125) return fail(fault::long_control);
    if (opcode() == 8 && length == 1) return fail(fault::short_close);
  }

  // With as many of its bytes as there are.
  void check_length(std::size_t more) {
    const std::size_t there = header_.size() - 2;
    if (there == 0 || there > more) return;
    if (more == 8 && there == 1 && at(2) >= 0x80) return fail(fault::length_over_63_bits);
    const bool zeros = header_.substr(2, more - 2) == std::string(more - 2, '\0');
    if (more == 8 && there == 6 && zeros) return fail(fault::length_not_minimal);
    if (more == 2 && there == 2 && at(2) == 0 && at(3) < 126) fail(fault::length_not_minimal);
  }

  void begin_frame() {
    whole_header_ = inside_ = true;
    taken_ = 0;
    if (!controls()) {
      if (!message_) begin_message();
      const auto& l = options_.limits;
      if (length_ < l.fragment_free_bytes && ++fragments_ > l.fragments_max) {
        return fail(fault::too_many_fragments);
      }
      if (length_ > l.message_bytes_max + (compressed_ ? 100'000 : 0) - announced_) {
        return fail(fault::message_too_big);
      }
      announced_ += length_;
    }
    if (length_ == 0) end_frame();
  }

  void begin_message() {
    message_ = true;
    compressed_ = (at(0) & 0x40U) != 0;
    text_ = opcode() == 1;
    announced_ = size_ = fragments_ = 0;
  }

  void read_payload(char c) {
    if (options_.masked) c = static_cast<char>(c ^ header_[header_.size() - 4 + taken_ % 4]);
    ++taken_;
    if (controls()) {
      control_ += c;
    } else if (compressed_) {
      inflate([&] { return inflater_.feed(std::string(1, c)); });
    } else {
      tell(c);
    }
    if (!over_ && taken_ == length_) end_frame();
  }

  template <class Call>
  void inflate(Call call) {
    std::string bytes;
    try {
      bytes = call();
    } catch (const std::runtime_error&) {
      return fail(fault::invalid_deflate);
    }
    for (const char c : bytes) {
      if (!over_ && size_ == options_.limits.message_bytes_max) fail(fault::message_too_big);
      if (!over_) tell(c);
    }
  }

  void tell(char c) {
    ++size_;
    character_ += c;
    const bool is_whole = !text_ || drywire::websocket::naive_is_utf8(character_);
    if (!is_whole && !drywire::websocket::naive_may_become_utf8(character_)) {
      return fail(fault::invalid_utf8);
    }
    if (is_whole) character_.clear();
    told.push_back((text_ ? "text: " : "binary: ") + std::string(1, c));
  }

  void end_frame() {
    inside_ = false;
    if (controls()) return end_control();
    if ((at(0) & 0x80U) == 0) return;
    message_ = false;
    if (compressed_) inflate([&] { return inflater_.receive({}); });
    if (over_) return;
    if (!character_.empty()) return fail(fault::invalid_utf8);
    told.emplace_back(text_ ? "text end" : "binary end");
  }

  void end_control() {
    const std::string payload = std::exchange(control_, {});
    if (opcode() == 9) told.push_back("ping " + payload);
    if (opcode() == 10) told.push_back("pong " + payload);
    if (opcode() != 8) return;
    unsigned code = 1005;
    if (!payload.empty()) {
      code = static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
      if (!drywire::websocket::may_be_sent(static_cast<std::uint16_t>(code))) {
        return fail(fault::invalid_close_code);
      }
    }
    const std::string reason = payload.empty() ? "" : payload.substr(2);
    if (!drywire::websocket::naive_is_utf8(reason)) return fail(fault::invalid_utf8);
    told.push_back("closed " + std::to_string(code) + ' ' + reason);
    over_ = true;
  }

  options options_;
  drywire::tests::zlib_receiver inflater_;
  bool over_ = false;

  // The frame.
  std::string header_;
  std::string control_;
  std::uint64_t length_ = 0;
  std::uint64_t taken_ = 0;
  bool whole_header_ = false;
  bool inside_ = false;

  // The message.
  std::string character_;  // that isn't whole
  std::uint64_t announced_ = 0;
  std::uint64_t size_ = 0;
  std::uint32_t fragments_ = 0;
  bool message_ = false;
  bool compressed_ = false;
  bool text_ = false;
};

}  // namespace websocket_test
