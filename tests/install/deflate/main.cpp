// A gzip member decoded, without zlib.h or a word about zlib in this project.
#include <drywire/deflate/content_decoder.hpp>
#include <drywire/testkit/storage.hpp>

#include <array>
#include <string_view>

int main() {
  constexpr std::string_view hello(
      "\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0", 25);
  drywire::testkit::heap_storage memory(drywire::deflate::inflate_block_bytes());
  drywire::deflate::content_decoder decoder(memory, drywire::deflate::coding::gzip);
  std::array<std::byte, 100> room;
  const auto step = decoder.decode(drywire::text_bytes(hello), room);
  const bool right = drywire::as_text(drywire::const_bytes(room).first(step.produced)) == "hello";
  return right && !decoder.finish() ? 0 : 1;
}
