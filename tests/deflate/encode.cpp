#include "encode.hpp"

#include <drywire/testkit/random.hpp>

#include <zlib.h>

#include <array>
#include <stdexcept>

namespace drywire::tests {

std::string encoded(std::string_view plain, int window_bits, int level) {
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::string out(deflateBound(&z, static_cast<uLong>(plain.size())), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&z, Z_FINISH);
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

std::string gzip_with_fields(std::string_view plain) {
  std::string head("\x1f\x8b\x08\x1f\x01\x02\x03\x04\x00\x03", 10);
  head += std::string("\x05\x00vwxyz", 7);
  head += std::string("name\0", 5);
  head += std::string("comment\0", 8);
  const uLong crc =
      crc32(0, reinterpret_cast<const Bytef*>(head.data()), static_cast<uInt>(head.size()));
  head += static_cast<char>(crc & 0xff);
  head += static_cast<char>(crc >> 8 & 0xff);
  return head + gzip(plain).substr(10);
}

std::string prose(std::size_t size) {
  static constexpr std::array<std::string_view, 16> words{
      "the ",  "wire ",  "is ",    "dry; ",   "a protocol ", "takes ", "bytes ",  "and ",
      "time ", "gives ", "events", ", lines", " or a body",  ".\n",    "window ", "distance "};
  testkit::random random(7);
  std::string text;
  while (text.size() < size) text += words[random.below(words.size())];
  text.resize(size);
  return text;
}

std::string noise(std::size_t size) {
  testkit::random random(11);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random.next());
  return bytes;
}

}  // namespace drywire::tests
