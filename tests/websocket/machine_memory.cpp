// Memory: each request for a block refused in its turn, and the most that any peer can make it be.

#include "fixture.hpp"
#include "zlib_peer.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/random.hpp>

using namespace websocket_test;

namespace {

websocket::tools compression(storage& memory) {
  websocket::tools t;
  t.deflate = websocket::deflate_parameters{};
  t.compression.own_context = t.compression.peer_context = true;
  t.deflate_memory = &memory;
  return t;
}

std::string noise(std::size_t size) {
  testkit::random numbers(size);
  std::string all;
  while (all.size() < size) all += static_cast<char>(numbers.next());
  return all;
}

// One life in which each thing that needs a block happens. Every event, refusal and byte of output.
std::string live(fixture& f) {
  std::string all;
  const auto note = [&](const lines& told) {
    for (const std::string& line : told) all += line + '\n';
  };
  const auto wish = [&](errc done) { all += std::string(to_string(done)) + '\n'; };
  tests::zlib_sender peer;
  for (int i = 0; i < 16; ++i) note(f.receive(ping, "a"));
  note(f.receive(ping, "b"));
  const std::string parted = f.in(ping, "parted");
  note(f.receive(parted.substr(0, 7)));
  note(f.receive(parted.substr(7)));
  wish(f.send(noise(6000), kind::binary));
  all += f.output();
  note(f.receive(rsv1 | binary, peer.send(noise(6000))));
  wish(f.machine.start_message(kind::binary));
  wish(f.machine.send_piece(text_bytes(std::string(100, 't'))));
  wish(f.machine.finish_message());
  wish(f.machine.send_ping(text_bytes("p")));
  wish(f.machine.close(1000, "bye"));
  all += f.output();
  note(f.receive(closing, status(1000)));
  all += f.output();
  return all;
}

}  // namespace

TEST_CASE("websocket: any one block may be refused: a wish, or the connection, ends in order") {
  for (const role side : {role::server, role::client}) {
    std::size_t requests = 0;
    std::string whole;
    {
      testkit::heap_storage deflate_memory(deflate::deflate_block_bytes());
      fixture f(side, {}, compression(deflate_memory), 1024);
      whole = live(f);
      requests = f.memory.requests();
      CHECK(whole.find("no memory") == std::string::npos);
    }
    REQUIRE(requests > 10);
    for (std::size_t n = 1; n <= requests; ++n) {
      CAPTURE(n);
      testkit::heap_storage deflate_memory(deflate::deflate_block_bytes());
      fixture f(side, {}, compression(deflate_memory), 1024);
      f.memory.refuse(n);
      const std::string all = live(f);
      // A wish was refused, or the connection ended; or a message was sent plain.
      CHECK(all != whole);
      CHECK(f.machine.ending() == ending::draining);
      CHECK(f.eof().empty());
      f.output();
      CHECK(f.receive().empty());
      CHECK(f.memory.in_use() == 0);
      CHECK(deflate_memory.in_use() == 0);
    }
  }
}

TEST_CASE("websocket: without any block the last Close still leaves") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    f.memory.cap(0);
    CHECK(f.send("x") == errc::no_memory);
    CHECK(f.machine.close() == errc::no_memory);
    CHECK(f.machine.start_message(kind::text) == errc::ok);
    CHECK(f.machine.send_piece(text_bytes("x")) == errc::no_memory);
    CHECK(f.machine.finish_message() == errc::no_memory);
    CHECK(f.machine.message_open());
    CHECK(f.receive(text, "x").size() == 1);
    CHECK(f.receive("\xF1") == wrong(fault::reserved_bits));
    CHECK(f.machine.queued() == f.out(closing, status(1002)).size());
    const output_view view = f.machine.output(3);
    CHECK(view.size() == 3);
    CHECK(!view.fin);
    std::string said(as_text(view.pieces[0]));
    f.machine.consume_output(3);
    said += f.output();
    CHECK(said == f.out(closing, status(1002)));
    CHECK(f.fin == (side == role::server));
  }
  fixture g;
  g.memory.cap(0);
  CHECK(g.receive(ping) == wrong(fault::no_memory));
  CHECK(g.output() == down(closing, status(1011)));
  fixture h;
  h.memory.cap(0);
  CHECK(h.receive(up(ping, "abc").substr(0, 8)) == wrong(fault::no_memory));
  fixture i;
  i.memory.cap(0);
  CHECK(i.receive(closing, status(1000)) == lines{R"(closed code="1000" reason="")"});
  CHECK(i.output() == down(closing, status(1000)));
}

TEST_CASE("websocket: a frame that doesn't fit into memory leaves nothing of itself") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    f.memory.cap(1);
    CHECK(f.send("first") == errc::ok);
    const std::size_t queued = f.machine.queued();
    CHECK(f.send(std::string(6000, 'x')) == errc::no_memory);
    CHECK(f.machine.queued() == queued);
    CHECK(f.send("second") == errc::ok);
    CHECK(f.output() == f.out(text, "first") + f.out(text, "second"));
  }
}

TEST_CASE("websocket: a pong that found no block is sent when there is one") {
  fixture f;
  std::string pongs;
  for (int i = 0; i < 16; ++i) {
    CHECK(f.receive(ping, "a").size() == 1);
    pongs += down(pong, "a");
  }
  CHECK(f.receive(ping, "b").size() == 1);
  f.memory.cap(1);
  CHECK(f.output() == pongs);
  f.memory.cap(2);
  CHECK(f.receive().empty());
  CHECK(f.output() == down(pong, "b"));
}

TEST_CASE("websocket: behind the end nothing that came in part is held") {
  for (const bool compressed : {false, true}) {
    testkit::heap_storage deflate_memory(deflate::deflate_block_bytes());
    fixture f(role::server, {}, compression(deflate_memory));
    f.at(0);
    CHECK(f.receive(up(ping, "parted").substr(0, 9)).empty());
    if (compressed) CHECK(f.send(std::string(100, 'c')) == errc::ok);
    f.output();
    CHECK(f.memory.in_use() == (compressed ? 2 : 1));
    f.at(30);
    f.output();
    CHECK(f.at(60) == wrong(fault::pong_timeout));
    f.output();
    CHECK(f.receive().empty());
    CHECK(f.memory.in_use() == 0);
    CHECK(deflate_memory.in_use() == 0);
  }
}

TEST_CASE("websocket: the queue's blocks are bounded by its limit") {
  websocket::limits l;
  l.output_bytes_max = 100'000;
  for (const role side : {role::server, role::client}) {
    fixture f(side, l);
    testkit::random numbers(3);
    int sent = 0;
    while (f.send(std::string(numbers.below(300), 'q')) == errc::ok) ++sent;
    CHECK(sent > 300);
    CHECK(f.machine.queued() <= 100'000 + 8);
    CHECK(f.memory.in_use() <= 100'008 / (4096 - 120) + 2);
  }
}
