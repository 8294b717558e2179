// Any bytes as the payloads of compressed messages: whole, and cut with rooms as the decisions say,
// they have to give the same, within the limits, and without limits what zlib makes of them. Then
// the bytes themselves, compressed piece by piece while memory is refused here and there, come
// back.
//
// The wire begins with a byte for window and takeover; each message is two bytes of length, then
// that much payload.
#include "harness.hpp"
#include "message_deflater.hpp"
#include "message_inflater.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace drywire {
namespace {

using testkit::choices;
using testkit::heap_storage;
using testkit::law_broken;
using websocket::fault;
using websocket::message_deflater;
using websocket::message_inflater;

constexpr std::string_view tail("\x00\x00\xff\xff", 4);

websocket::limits tight() {
  websocket::limits l;
  l.message_bytes_max = 100'000;
  l.inflate_ratio_max = 20;
  l.ratio_free_bytes = 5'000;
  return l;
}

websocket::limits none() {
  websocket::limits l;
  l.message_bytes_max = std::numeric_limits<std::uint64_t>::max();
  l.inflate_ratio_max = std::numeric_limits<std::uint32_t>::max();
  return l;
}

void hold(bool law, const char* otherwise) {
  if (!law) throw law_broken(otherwise);
}

struct agreement {
  int window_bits;
  bool takeover;
};

struct outcome {
  std::string text;
  std::optional<fault> wrong;
  friend bool operator==(const outcome&, const outcome&) = default;
};

std::vector<std::string_view> messages_of(std::string_view wire) {
  std::vector<std::string_view> messages;
  while (wire.size() >= 2) {
    const std::size_t size =
        static_cast<unsigned char>(wire[0]) * 256U + static_cast<unsigned char>(wire[1]);
    wire.remove_prefix(2);
    messages.push_back(wire.substr(0, size));
    wire.remove_prefix(messages.back().size());
  }
  return messages;
}

constexpr std::size_t ample_room = 65'536;

// Portions and rooms of 1 to 256 bytes, and now and then the end alone; without decisions, all at
// once.
outcome inflate_message(message_inflater& inflater, std::string_view payload, choices* decisions,
                        std::size_t room_bytes = ample_room) {
  using state = message_inflater::state;
  outcome result;
  while (true) {
    const bool whole = decisions == nullptr;
    const std::string copy(payload.substr(0, whole ? payload.size() : 1 + decisions->below(256)));
    const bool last =
        copy.size() == payload.size() && (whole || copy.empty() || decisions->below(2) == 0);
    std::vector<std::byte> room(whole ? room_bytes : 1 + decisions->below(256));
    const auto step = inflater.inflate(text_bytes(copy), last, room);
    hold(step.consumed <= copy.size() && step.produced <= room.size(), "more than there was");
    result.text += as_text(const_bytes(room).first(step.produced));
    payload.remove_prefix(step.consumed);
    result.wrong = step.wrong;
    hold((step.what == state::failed) == step.wrong.has_value(), "failed without a fault");
    if (step.what == state::failed) return result;
    if (step.what == state::full) {
      hold(step.produced == room.size(), "full, with room left");
      continue;
    }
    hold(step.consumed == copy.size(), "room and input are left");
    hold((step.what == state::done) == last, "done before the end, or not there");
    if (last) return result;
  }
}

// Until the first that fails.
std::vector<outcome> inflate_all(const std::vector<std::string_view>& payloads, agreement a,
                                 const websocket::limits& l, choices* decisions,
                                 std::size_t room_bytes = ample_room) {
  heap_storage memory(deflate::deflate_block_bytes(a.window_bits));
  message_inflater inflater(memory, a.window_bits, a.takeover, l);
  std::vector<outcome> all;
  for (const std::string_view payload : payloads) {
    all.push_back(inflate_message(inflater, payload, decisions, room_bytes));
    hold(all.back().text.size() <= l.message_bytes_max, "the size limit didn't hold");
    hold(memory.in_use() <= 1, "more than one block");
    if (all.back().wrong) hold(memory.in_use() == 0, "a block behind a fault");
    if (!a.takeover) hold(memory.in_use() == 0, "a block between messages");
    if (all.back().wrong) break;
  }
  return all;
}

// zlib alone, with all the room it wants.
class oracle {
 public:
  explicit oracle(agreement a) : takeover_(a.takeover) {
    hold(inflateInit2(&z_, -a.window_bits) == Z_OK, "no zlib");
  }
  oracle(const oracle&) = delete;
  oracle& operator=(const oracle&) = delete;
  ~oracle() { inflateEnd(&z_); }

  outcome inflate_message(std::string_view payload) {
    outcome result;
    bool open = false;
    std::string input = std::string(payload) + std::string(tail);
    std::vector<Bytef> room(1 << 16);
    z_.next_in = reinterpret_cast<Bytef*>(input.data());
    z_.avail_in = static_cast<uInt>(input.size());
    while (open || z_.avail_in != tail.size()) {
      z_.next_out = room.data();
      z_.avail_out = static_cast<uInt>(room.size());
      const int got = ::inflate(&z_, Z_NO_FLUSH);
      result.text.append(reinterpret_cast<const char*>(room.data()), room.size() - z_.avail_out);
      open = got != Z_STREAM_END;
      if (got == Z_STREAM_END) {
        inflateResetKeep(&z_);
        if (z_.avail_in == 0) break;
      } else if (got != Z_OK && got != Z_BUF_ERROR) {
        result.wrong = fault::invalid_deflate;
        return result;
      } else if (z_.avail_out != 0) {
        // Behind the last block's end zlib says nothing when it is called for nothing.
        if ((z_.data_type & 128) == 0 || (z_.data_type & 63) != 0) {
          result.wrong = fault::invalid_deflate;
        }
        break;
      }
    }
    if (!takeover_) inflateReset(&z_);
    return result;
  }

 private:
  z_stream z_{};
  bool takeover_;
};

void compare_with_zlib(const std::vector<std::string_view>& payloads, agreement a,
                       const std::vector<outcome>& limited) {
  const std::vector<outcome> all = inflate_all(payloads, a, none(), nullptr);
  oracle zlib(a);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const outcome expected = zlib.inflate_message(payloads[i]);
    hold(all[i] == expected, "zlib sees another message");
    if (i >= limited.size()) continue;
    hold(expected.text.starts_with(limited[i].text), "the limits changed a byte");
    const bool stopped = limited[i].wrong == fault::message_too_big ||
                         limited[i].wrong == fault::inflate_ratio_exceeded;
    hold(stopped ? limited[i].text.size() < expected.text.size() || expected.wrong
                 : limited[i] == expected,
         "a limit that wasn't reached");
  }
}

// Sends `plain` in pieces over a queue that is refused blocks here and there; returns what arrives.
void send_and_receive(std::string_view plain, agreement a, choices decisions) {
  heap_storage memory(512);
  heap_storage sender_memory(deflate::deflate_block_bytes(a.window_bits));
  heap_storage receiver_memory(deflate::deflate_block_bytes(a.window_bits));
  output_queue queue(memory);
  message_deflater sender(sender_memory, a.window_bits, 1 + static_cast<int>(decisions.below(9)),
                          a.takeover);
  message_inflater receiver(receiver_memory, a.window_bits, a.takeover, none());
  bool refused = false;  // the last time, so that there is an end
  while (!plain.empty()) {
    websocket::frame_header header;
    header.opcode = websocket::opcode::binary;
    const std::string_view message = plain.substr(0, 1 + decisions.below(256) * 4);
    const auto choice = decisions.below(8);
    memory.refuse(choice < 4 && !refused ? choice : 0);
    const auto done = sender.send(header, text_bytes(message), queue);
    memory.refuse(0);
    if (done != message_deflater::outcome::queued) {
      hold(queue.empty() && memory.in_use() == 0, "a part of a frame was queued");
      refused = done == message_deflater::outcome::no_memory;
      if (!refused) plain.remove_prefix(message.size());
      continue;
    }
    refused = false;
    plain.remove_prefix(message.size());
    std::string wire;
    while (!queue.empty()) {
      const auto piece = queue.output(1 << 20).front();
      wire += as_text(piece);
      queue.consume(piece.size());
    }
    const auto reading = websocket::read_header(text_bytes(wire), {.compression = true}, header);
    hold(!reading.wrong && header.compressed, "not a compressed frame");
    hold(header.length == wire.size() - reading.size, "a frame of another length");
    const outcome back =
        inflate_message(receiver, std::string_view(wire).substr(reading.size), &decisions);
    hold(!back.wrong && back.text == message, "a round trip lost something");
  }
}

// Whether nothing refers back further than the window. In rooms of one byte zlib sees to that; in
// larger ones it may let a reference to the room's own bytes pass.
bool keeps_window(const std::vector<std::string_view>& payloads, agreement a) {
  if (a.window_bits == deflate::window_bits_max) return true;
  return inflate_all(payloads, a, tight(), nullptr, 1) ==
         inflate_all(payloads, {deflate::window_bits_max, a.takeover}, tight(), nullptr);
}

void run(const_bytes bytes) {
  testkit::fuzz_input input(bytes);
  if (input.wire.empty()) return;
  const auto options = static_cast<unsigned char>(input.wire.front());
  const agreement agreed{8 + options % 8, (options & 8) != 0};
  const auto payloads = messages_of(input.wire.substr(1));
  const auto whole = inflate_all(payloads, agreed, tight(), nullptr);
  choices decisions = input.decisions;
  const auto cut = inflate_all(payloads, agreed, tight(), &decisions);
  if (keeps_window(payloads, agreed)) {
    hold(whole == cut, "a cut made a difference");
    compare_with_zlib(payloads, agreed, whole);
  }
  send_and_receive(input.wire, agreed, input.decisions);
}

}  // namespace
}  // namespace drywire

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::run, data, size);
}
