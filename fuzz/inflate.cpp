// Any bytes through both content decoders: whole, and cut with rooms as the decisions say, they
// have to give the same, within the limits. Then the bytes themselves, encoded by zlib, come back.
#include "harness.hpp"

#include <drywire/deflate/content_decoder.hpp>

#include <zlib.h>

#include <optional>
#include <string>
#include <vector>

namespace drywire {
namespace {

using testkit::choices;
using testkit::heap_storage;
using testkit::law_broken;

constexpr deflate::limits tight{
    .output_bytes_max = 100'000, .ratio_max = 20, .ratio_free_bytes = 5'000};

struct outcome {
  std::string text;
  std::optional<deflate::fault> failed;
  friend bool operator==(const outcome&, const outcome&) = default;
};

void hold(bool law, const char* otherwise) {
  if (!law) throw law_broken(otherwise);
}

// Portions and rooms of 1 to 256 bytes; without decisions, all at once.
outcome decode(std::string_view data, deflate::coding c, choices decisions, bool whole,
               heap_storage& memory) {
  deflate::content_decoder decoder(memory, c, tight);
  outcome result;
  while (true) {
    const std::size_t portion =
        whole ? data.size() : std::min(data.size(), 1 + decisions.below(256));
    std::vector<std::byte> room(whole ? 65'536 : 1 + decisions.below(256));
    const std::string copy(data.substr(0, portion));  // A sanitizer sees a step over its end.
    const auto step = decoder.decode(text_bytes(copy), room);
    hold(step.consumed <= portion && step.produced <= room.size(), "more than there was");
    result.text += as_text(const_bytes(room).first(step.produced));
    hold(result.text.size() == decoder.produced(), "a byte wasn't counted");
    data.remove_prefix(step.consumed);
    hold(memory.in_use() <= 1, "more than one block");
    result.failed = step.failed;
    if (step.failed) break;
    if (step.produced == room.size()) continue;
    hold(step.consumed == portion, "room and input are left");
    if (!data.empty()) continue;
    result.failed = decoder.finish();
    break;
  }
  hold(result.text.size() <= tight.output_bytes_max, "the size limit didn't hold");
  return result;
}

std::string encode(std::string_view plain, int window_bits) {
  z_stream z{};
  hold(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK, "no zlib");
  std::string out(deflateBound(&z, static_cast<uLong>(plain.size())), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  hold(::deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib's deflate failed");
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  return out;
}

void run(const_bytes bytes) {
  heap_storage memory(deflate::inflate_block_bytes());
  const testkit::fuzz_input input(bytes);
  for (const auto c : {deflate::coding::gzip, deflate::coding::deflate}) {
    const outcome whole = decode(input.wire, c, {}, true, memory);
    hold(whole == decode(input.wire, c, input.decisions, false, memory), "a cut made a difference");
  }
  const std::string_view plain = input.wire.substr(0, 5'000);  // Free of the ratio.
  for (const int window_bits : {31, 15, -15}) {
    const auto c = window_bits == 31 ? deflate::coding::gzip : deflate::coding::deflate;
    const outcome back = decode(encode(plain, window_bits), c, input.decisions, false, memory);
    hold(!back.failed && back.text == plain, "a round trip lost something");
  }
  hold(memory.in_use() == 0, "blocks outlived their decoder");
}

}  // namespace
}  // namespace drywire

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::run, data, size);
}
