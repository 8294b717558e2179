// Every input of the table means the same however it is cut, to both roles, and means what the
// table says.

#include "wire.hpp"
#include "zlib_peer.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/verify_splits.hpp>
#include <drywire/websocket/connection.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string>
#include <vector>

using namespace drywire;
using namespace websocket_test;
using websocket::kind;
using websocket::role;

namespace {

struct frame {
  unsigned first;
  std::string payload = {};
};

struct input {
  std::string_view name;
  std::vector<frame> frames;  ///< followed by a FIN
  std::string events;         ///< in words, pieces of a message joined
  std::vector<frame> answers;
  std::string_view raw_end = {};  ///< bytes behind the frames, the same for both roles
};

std::string compressed(std::string_view text, bool whole = true) {
  tests::zlib_sender sender(15, false);
  return whole ? sender.send(text) : sender.flush(text);
}

const std::string lost = "; error connection lost";

std::vector<input> inputs() {
  const std::string longer(300, 'x');
  const std::string longest(70'000, 'z');
  const frame normal{closing, status(1000)};
  return {
      {"nothing", {}, "error connection lost", {}},
      {"text", {{text, "Hello"}}, "text 'Hello' end" + lost, {{text, "Hello"}}},
      {"binary",
       {{binary, "\x01\x02\xFF"}},
       "binary '\x01\x02\xFF' end" + lost,
       {{binary, "\x01\x02\xFF"}}},
      {"an empty message", {{text}}, "text '' end" + lost, {{text}}},
      {"a length of 16 bits",
       {{binary, longer}},
       "binary '" + longer + "' end" + lost,
       {{binary, longer}}},
      {"two messages",
       {{text, "a"}, {text, "b"}},
       "text 'a' end; text 'b' end" + lost,
       {{text, "a"}, {text, "b"}}},
      {"fragments",
       {{text_begin, "a"}, {middle, "b"}, {last, "c"}},
       "text 'abc' end" + lost,
       {{text, "abc"}}},
      {"empty fragments",
       {{text_begin}, {middle}, {middle, "b"}, {middle}, {last}},
       "text 'b' end" + lost,
       {{text, "b"}}},
      {"all fragments empty",
       {{binary_begin}, {middle}, {last}},
       "binary '' end" + lost,
       {{binary}}},
      {"controls between fragments",
       {{text_begin, "a"}, {ping, "p"}, {middle, "b"}, {pong, "q"}, {last, "c"}},
       "text 'a'; ping p; 'b'; pong q; 'c' end" + lost,
       {{pong, "p"}, {text, "abc"}}},
      {"a ping inside a character",
       {{text_begin, "\xE2"}, {ping}, {last, "\x82\xAC"}},
       "text '\xE2'; ping ; '\x82\xAC' end" + lost,
       {{pong}, {text, "\xE2\x82\xAC"}}},
      {"four bytes of UTF-8",
       {{text, "\xF0\x9F\x98\x80"}},
       "text '\xF0\x9F\x98\x80' end" + lost,
       {{text, "\xF0\x9F\x98\x80"}}},
      {"pings",
       {{ping, "a"}, {ping, "b"}, {ping, "c"}, {text, "x"}},
       "ping a; ping b; ping c; text 'x' end" + lost,
       {{pong, "a"}, {pong, "b"}, {pong, "c"}, {text, "x"}}},
      {"the longest ping",
       {{ping, std::string(125, 'p')}},
       "ping " + std::string(125, 'p') + lost,
       {{pong, std::string(125, 'p')}}},
      {"close", {{closing, status(1001, "why")}}, "closed 1001 why", {{closing, status(1001)}}},
      {"close without a code", {{closing}}, "closed 1005 ", {{closing}}},
      {"close with a private code",
       {{closing, status(4999)}},
       "closed 4999 ",
       {{closing, status(4999)}}},
      {"close, and more",
       {{closing, status(1000)}, {text, "late"}},
       "closed 1000 ",
       {normal},
       "rubbish"},
      {"close inside a message",
       {{text_begin, "a"}, {closing, status(1000)}},
       "text 'a'; closed 1000 ",
       {normal}},
      {"compressed",
       {{rsv1 | text, compressed("Hello Hello Hello")}},
       "text 'Hello Hello Hello' end" + lost,
       {{text, "Hello Hello Hello"}}},
      {"compressed, in fragments",
       {{rsv1 | binary_begin, compressed("Hello Hello Hello").substr(0, 5)},
        {ping},
        {middle},
        {last, compressed("Hello Hello Hello").substr(5)}},
       "binary 'Hell'; ping ; 'o Hello Hello' end" + lost,
       {{pong}, {binary, "Hello Hello Hello"}}},
      {"compressed, empty", {{rsv1 | text, std::string(1, '\0')}}, "text '' end" + lost, {{text}}},
      {"compressed, larger than the room",
       {{rsv1 | binary, compressed(longest)}},
       "binary '" + longest + "' end" + lost,
       {{binary, longest}}},
      {"compressed, then not UTF-8",
       {{rsv1 | text, compressed("ab\xFF\x63")}},
       "text 'ab'; error invalid UTF-8",
       {{closing, status(1007)}}},
      {"compressed, cut in a character",
       {{rsv1 | text, compressed("ab\xC3")}},
       "text 'ab\xC3'; error invalid UTF-8",
       {{closing, status(1007)}}},
      {"not deflate",
       {{rsv1 | text, "\xFF\xFF"}},
       "error invalid deflate",
       {{closing, status(1007)}}},
      {"not UTF-8",
       {{text, "ab\xFF\x63"}},
       "text 'ab'; error invalid UTF-8",
       {{closing, status(1007)}}},
      {"cut in a character",
       {{text, "ab\xC3"}},
       "text 'ab\xC3'; error invalid UTF-8",
       {{closing, status(1007)}}},
      {"cut in a character, the end empty",
       {{text_begin, "ab\xC3"}, {last}},
       "text 'ab\xC3'; error invalid UTF-8",
       {{closing, status(1007)}}},
      {"an interrupted message",
       {{text_begin, "ab"}, {text, "cd"}},
       "text 'ab'; error interrupted message",
       {{closing, status(1002)}}},
      {"an unexpected continuation",
       {{text, "a"}, {last, "b"}},
       "text 'a' end; error unexpected continuation",
       {{text, "a"}, {closing, status(1002)}}},
      {"reserved bits",
       {{text, "a"}},
       "text 'a' end; error reserved bits",
       {{text, "a"}, {closing, status(1002)}},
       "\xB1\x80"},
      {"a reserved opcode",
       {{ping, "a"}},
       "ping a; error reserved opcode",
       {{pong, "a"}, {closing, status(1002)}},
       "\x83\x80"},
      {"a close of one byte", {{closing, "\x03"}}, "error short close", {{closing, status(1002)}}},
      {"a close with a code that isn't sent",
       {{closing, status(1006)}},
       "error invalid close code",
       {{closing, status(1002)}}},
      {"a close that isn't UTF-8",
       {{closing, status(1000, "\xFF")}},
       "error invalid UTF-8",
       {{closing, status(1007)}}},
      {"cut in a header", {{text, "a"}}, "text 'a' end" + lost, {{text, "a"}}, "\x81"},
      {"cut in a message", {{text_begin, "a"}}, "text 'a'" + lost, {}},
  };
}

std::string in_words(const testkit::trace& trace) {
  std::string all;
  for (const testkit::trace_entry& e : trace.entries()) {
    if (e.name == "message end") {
      all += " end";
      continue;
    }
    if (!all.empty() && !all.ends_with("text ") && !all.ends_with("binary ")) all += "; ";
    if (e.is_piece) {
      all += '\'' + e.bytes + '\'';
    } else if (e.name == "peer error") {
      all += "error " + e.details[0].second;
    } else {
      all += e.name + ' ';
      for (const auto& [name, value] : e.details) {
        if (!all.ends_with(' ')) all += ' ';
        all += value;
      }
    }
  }
  return all;
}

// Echoes messages when they are complete: what was gathered doesn't depend on cuts.
struct echo {
  void operator()(websocket::connection& machine, const websocket::event& event) {
    const auto* m = std::get_if<websocket::message>(&event);
    if (m == nullptr) return;
    if (m->first) gathered.clear();
    gathered += as_text(m->bytes);
    if (m->last) CHECK(machine.send(m->kind, text_bytes(gathered)) == errc::ok);
  }
  std::string gathered;
};

std::string on_the_wire(role from, const std::vector<frame>& frames) {
  std::string all;
  for (const frame& f : frames) {
    all += from == role::client ? up(f.first, f.payload) : down(f.first, f.payload);
  }
  return all;
}

}  // namespace

TEST_CASE("websocket: inputs mean the same however they are cut, to both roles") {
  same_key keys;
  testkit::heap_storage deflate_memory(deflate::deflate_block_bytes());
  websocket::tools tools;
  tools.keys = &keys;
  tools.deflate = websocket::deflate_parameters{true, true, 15, 15};
  tools.compression.message_bytes_min = 1'000'000;
  tools.deflate_memory = &deflate_memory;
  std::set<std::string_view> names;
  for (const role side : {role::server, role::client}) {
    const role peer = side == role::server ? role::client : role::server;
    for (const input& i : inputs()) {
      INFO(i.name);
      names.insert(i.name);
      const auto report = testkit::verify_splits(
          on_the_wire(peer, i.frames) + std::string(i.raw_end),
          [&](storage& memory) { return websocket::connection(side, memory, {}, tools); }, echo{});
      INFO(report.text());
      CHECK(report.equal());
      CHECK(in_words(report.whole().events) == i.events);
      CHECK(report.whole().output == on_the_wire(side, i.answers));
      CHECK(deflate_memory.in_use() == 0);
    }
  }
  CHECK(names.size() == inputs().size());
}
