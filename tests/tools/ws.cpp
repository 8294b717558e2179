// `drywire ws` with `drywire serve`, on each loop: lines, bytes, the chat, limits, and what is said
// when something goes wrong.
#include "any_loop.hpp"
#include "child.hpp"
#include "message_printer.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace drywire;
using namespace drywire::tools;
using namespace drywire::traffic;

// Of a server through which 20 MB messages pass. Under a sanitizer freed memory stays resident.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t resident_bytes_max = 100'000'000;
#else
constexpr std::size_t resident_bytes_max = 40'000'000;
#endif

struct fixture {
  explicit fixture(arguments options = {}) : loop(any_loop()), s(DRYWIRE_COMMAND, loop, options) {}

  [[nodiscard]] std::string url(const std::string& path) const {
    return "ws" + s.url(path).substr(4);
  }
  // A shell's: $0 is the command, $1 the URL, and what the command says of errors is in the output.
  [[nodiscard]] finished shell(const std::string& script, const std::string& path = "/ws") const {
    return run({"timeout", "60", "env", "DRYWIRE_LOOP=" + loop, "sh", "-c", script, DRYWIRE_COMMAND,
                url(path)});
  }
  void stops_well() {
    int status = -1;
    CHECK(s.stop(status) == "");
    CHECK(status == 0);
  }

  std::string loop;
  server s;
};

// The command.

TEST_CASE("ws sends lines and writes what comes") {
  fixture f;
  CAPTURE(f.loop);
  CHECK(f.shell("printf 'one\\n\\ntwo' | $0 ws \"$1\"").output == "one\n\ntwo\n");
  CHECK(f.shell("$0 ws \"$1\" </dev/null").output == "");
  const finished many = f.shell("seq 20000 | $0 ws \"$1\" | cmp - - && seq 20000 | $0 ws \"$1\"");
  CHECK(many.output == run({"seq", "20000"}).output);
  CHECK(many.status == 0);
  f.stops_well();
}

TEST_CASE("ws sends any bytes as one message, and lines of any length") {
  fixture f({"--limit", "ws-message-bytes=off"});
  CAPTURE(f.loop);
  const temporary_folder folder;
  std::string bytes(20'000'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 7);
  folder.write("bytes", bytes);
  folder.write("line", std::string(20'000'000, 'x') + "\n");
  const std::string files = "cd " + folder.path() + "; ";
  const finished same = f.shell(files + "$0 ws --binary \"$1\" <bytes | cmp - bytes");
  CHECK(same.output == "");
  CHECK(same.status == 0);
  const finished piped = f.shell(files + "cat bytes | $0 ws --binary \"$1\" | cmp - bytes");
  CHECK(piped.status == 0);
  // Compression takes a line of one letter to less than a hundredth, which is a bomb.
  const finished bomb = f.shell(files + "$0 ws \"$1\" <line >out");
  CHECK(bomb.output == "drywire: " + f.url("/ws") + ": closed: 1009\n");
  CHECK(bomb.status == 1);
  const finished line = f.shell(files + "$0 ws --no-compression \"$1\" <line | cmp - line");
  CHECK(line.output == "");
  CHECK(line.status == 0);
  CHECK(f.s.most_memory() < resident_bytes_max);
  f.stops_well();
}

TEST_CASE("ws tells its events") {
  fixture f({"--fixed-date", "784111777"});
  CAPTURE(f.loop);
  const finished told =
      f.shell("echo hello | $0 ws -v --no-compression -H 'X-A: b' \"$1\" 2>&1 >/dev/null");
  CHECK(told.status == 0);
  CHECK(told.output.starts_with("request url=\"" + f.url("/ws") + "\" X-A=\"b\"\nresponse " +
                                "status=\"101\" reason=\"Switching Protocols\""));
  CHECK(told.output.find("\ntext bytes=\"5\"\n") != std::string::npos);
  CHECK(told.output.find("\ninput end messages=\"1\"\nclose code=\"1000\"\n") != std::string::npos);
  CHECK(told.output.ends_with("\nclosed code=\"1000\"\n"));
  f.stops_well();
}

TEST_CASE("ws says in one line what is wrong") {
  fixture f({"--limit", "ws-message-bytes=10", "--no-compression"});
  CAPTURE(f.loop);
  const auto check = [&](const std::string& script, int status, const std::string& message,
                         const std::string& path = "/ws") {
    const finished got = f.shell(script, path);
    CAPTURE(script);
    CHECK(got.output == "drywire: " + message + "\n");
    CHECK(got.status == status);
  };
  check("$0 ws wss://a/b", 2, "wss://a/b: wss:// is not supported yet");
  check("$0 ws http://a/b", 2, "http://a/b: not a URL of the form ws://host[:port][/path][?query]");
  check("$0 ws \"$1\"", 2, f.url("/none") + ": refused: 404", "/none");
  check("$0 ws -H 'Origin: http://elsewhere' \"$1\"", 2, f.url("/ws") + ": refused: 403");
  check("printf 'ok\\na\\377\\n' | $0 ws \"$1\" >/dev/null", 2,
        f.url("/ws") + ": message 2 is not UTF-8: --binary sends any bytes");
  check("echo far too long | $0 ws \"$1\"", 1, f.url("/ws") + ": closed: 1009");
  check("echo x | $0 ws --binary \"$1\" >/dev/null", 1,
        f.url("/chat") + ": closed: 1003 text alone", "/chat");
  f.stops_well();
}

TEST_CASE("ws waits for answers, and as long as the server wants") {
  fixture f;
  CAPTURE(f.loop);
  CHECK(f.shell("printf '1\\n2\\n' | $0 ws --answers 2 \"$1\"").output == "1\n2\n");
  child c({DRYWIRE_COMMAND, "ws", "--loop", f.loop, "--keep-open", f.url("/chat?name=Ann")}, true);
  CHECK(c.read_line() == "* Ann has come, 1 here");
  int status = -1;
  CHECK(f.s.stop(status) == "");
  CHECK(status == 0);
  CHECK(c.read_all() == "drywire: " + f.url("/chat?name=Ann") + ": closed: 1001\n");
  CHECK(c.wait() == 1);
}

TEST_CASE("a signal closes in order") {
  fixture f({"--log"});
  CAPTURE(f.loop);
  child c({DRYWIRE_COMMAND, "ws", "--loop", f.loop, "--keep-open", f.url("/chat?name=Ann")}, true);
  CHECK(c.read_line() == "* Ann has come, 1 here");
  c.send_signal(SIGINT);
  CHECK(c.wait() == 0);
  CHECK(c.read_all() == "");
  CHECK(f.s.read_line().ends_with(" closed 1001"));
  f.stops_well();
}

// A reader that pauses, a pager for example, holds messages back, and nothing else.
TEST_CASE("a signal is heard while nobody reads what comes") {
  fixture f({"--log"});
  CAPTURE(f.loop);
  const temporary_folder folder;
  std::string lines;
  for (int i = 0; i < 500'000; ++i) lines += "a line that comes back\n";
  folder.write("lines", lines);
  const auto begin = [&] {
    return std::make_unique<child>(arguments{
        "timeout", "--foreground", "60", "env", "DRYWIRE_LOOP=" + f.loop, "sh", "-c",
        "exec $0 ws \"$1\" <" + folder.path() + "/lines 2>&1", DRYWIRE_COMMAND, f.url("/ws")});
  };
  const auto patient = begin();
  CHECK(patient->read_line() == "a line that comes back");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // most likely it waits by then
  patient->send_signal(SIGINT);
  CHECK(f.s.read_line().ends_with(" closed 1001"));
  CHECK(patient->read_all().starts_with("a line that comes back\n"));
  CHECK(patient->wait() == 0);
  // What still waits for the reader is given up by a second signal.
  const auto hasty = begin();
  CHECK(hasty->read_line() == "a line that comes back");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  hasty->send_signal(SIGINT);
  CHECK(f.s.read_line().ends_with(" closed 1001"));
  hasty->send_signal(SIGINT);
  CHECK(hasty->wait() != 0);
  f.stops_well();
}

TEST_CASE("a reader who comes late to the output gets all of it") {
  fixture f;
  CAPTURE(f.loop);
  const temporary_folder folder;
  std::string lines;
  for (int i = 0; i < 50'000; ++i) lines += "line " + std::to_string(i) + '\n';
  folder.write("lines", lines);
  const auto said = f.shell("$0 ws \"$1\" <" + folder.path() + "/lines | { sleep 0.3; cat; }");
  CHECK((said.output == lines));
}

TEST_CASE("an event is a whole line at once") {
  fixture f;
  CAPTURE(f.loop);
  child c({"env", "DRYWIRE_LOOP=" + f.loop, "sh", "-c",
           "echo hello | $0 ws -v --keep-open \"$1\" 2>&1 >/dev/null", DRYWIRE_COMMAND,
           f.url("/ws")});
  CHECK(c.read_line().starts_with("request "));
  CHECK(c.read_line().starts_with("response "));
  const std::set<std::string> both{"input end messages=\"1\"", "text bytes=\"5\""};
  const std::string first = c.read_line();
  CHECK(std::set<std::string>{first, c.read_line()} == both);
  int status = -1;
  CHECK(f.s.stop(status) == "");
  CHECK(c.read_line() == "closed code=\"1001\"");
}

TEST_CASE("a standard descriptor that is closed is nobody's socket") {
  fixture f;
  CAPTURE(f.loop);
  const finished in = f.shell("$0 ws \"$1\" <&-");
  CHECK(in.output == "drywire: " + f.url("/ws") + ": standard input can't be read\n");
  CHECK(in.status == 2);
  const finished out = f.shell("echo a | $0 ws --answers 1 \"$1\" >&-");
  CHECK(out.output == "drywire: " + f.url("/ws") + ": standard output: Bad file descriptor\n");
  CHECK(out.status == 1);
  CHECK(f.shell("echo a | $0 ws -v --answers 1 \"$1\" 2>&-").output == "a\n");
  f.stops_well();
}

TEST_CASE("ws says what became of its output at the end, too") {
  fixture f;
  CAPTURE(f.loop);
  const finished full = f.shell("echo a | $0 ws --answers 1 \"$1\" >/dev/full");
  CHECK(full.output == "drywire: " + f.url("/ws") + ": standard output: No space left on device\n");
  CHECK(full.status == 1);
  f.stops_well();
}

// Options of the server.

TEST_CASE("pages of others may use the WebSockets if that is wanted") {
  fixture f({"--allow-origin", "http://elsewhere"});
  CAPTURE(f.loop);
  CHECK(f.shell("echo a | $0 ws -H 'Origin: http://elsewhere' \"$1\"").output == "a\n");
  CHECK(f.shell("echo a | $0 ws -H 'Origin: http://other' \"$1\"").status == 2);
  f.stops_well();
}

TEST_CASE("the log and the metrics tell of WebSockets") {
  fixture f({"--log", "--metrics"});
  CAPTURE(f.loop);
  CHECK(f.shell("printf 'abc\\ndefg\\n' | $0 ws --no-compression \"$1\"").status == 0);
  const std::string line = f.s.read_line();
  CHECK(line.find(" \"GET /ws HTTP/1.1\" 101 7 ") != std::string::npos);
  CHECK(line.ends_with("s closed 1000"));
  const std::string metrics = run({"curl", "-sS", f.s.url("/metrics")}).output;
  for (const std::string sample :
       {"drywire_websocket_connections_total{loop=\"0\"} 1",
        "drywire_websocket_connections{loop=\"0\"} 0",
        "drywire_websocket_messages_total{loop=\"0\",direction=\"in\"} 2",
        "drywire_websocket_messages_total{loop=\"0\",direction=\"out\"} 2",
        "drywire_websocket_message_bytes_total{loop=\"0\",direction=\"out\"} 7"}) {
    CAPTURE(sample);
    CHECK(metrics.find("\n" + sample + "\n") != std::string::npos);
  }
  CHECK(f.s.read_line().find("/metrics") != std::string::npos);
  CHECK(f.shell("$0 ws -H 'Origin: http://elsewhere' \"$1\"").status == 2);
  CHECK(f.s.read_line().find(" \"GET /ws HTTP/1.1\" 403 ") != std::string::npos);
  f.stops_well();
}

TEST_CASE("the chat's page needs nothing from elsewhere") {
  fixture f;
  const std::string got = run({"curl", "-sSi", f.s.url("/chat")}).output;
  CHECK(got.find("Content-Security-Policy: default-src 'none'") != std::string::npos);
  CHECK(got.find("<title>chat</title>") != std::string::npos);
  for (const char* other : {"http://", "https://", "src=", "href=", "@import", "url("}) {
    CAPTURE(other);
    CHECK(got.find(other) == std::string::npos);
  }
  f.stops_well();
}

// One room for all loops: the kernel deals the connections out, and all have the same lines in the
// same order from where they came in.
TEST_CASE("the chat is one room for all threads") {
  fixture f({"--threads", "3", "--metrics"});
  CAPTURE(f.loop);
  std::vector<std::unique_ptr<child>> members;
  const std::size_t count = 12;
  const auto lines_of = [](std::size_t i) {
    return std::string("seq 30 | sed s/^/m" + std::to_string(i) + "-/");
  };
  for (std::size_t i = 0; i < count; ++i) {
    members.push_back(std::make_unique<child>(arguments{
        "timeout", "60", "env", "DRYWIRE_LOOP=" + f.loop, "sh", "-c",
        "$0 ws --keep-open \"$1\" 2>/dev/null", DRYWIRE_COMMAND, f.url("/chat?name=same")}));
    CHECK(members.back()->read_line().starts_with("* same"));
  }
  std::vector<std::unique_ptr<child>> talkers;
  for (std::size_t i = 0; i < 4; ++i) {
    talkers.push_back(std::make_unique<child>(
        arguments{"timeout", "60", "sh", "-c", lines_of(i) + " | $0 ws \"$1\" >/dev/null",
                  DRYWIRE_COMMAND, f.url("/chat?name=talker")}));
  }
  for (const auto& t : talkers) CHECK(t->wait() == 0);
  int status = -1;
  CHECK(f.s.stop(status) == "");
  CHECK(status == 0);
  std::vector<std::string> seen;
  for (const auto& m : members) {
    const std::string all = m->read_all();
    // From the first talker on all have come, and behind the last of its lines they go.
    const std::size_t begin = all.find("* talker has come");
    REQUIRE(begin != std::string::npos);
    seen.push_back(all.substr(begin));
  }
  for (const std::string& s : seen) {
    const std::size_t shorter = std::min(s.size(), seen[0].size());
    CHECK(s.substr(0, shorter) == seen[0].substr(0, shorter));
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(s.find("m" + std::to_string(i) + "-30\n") != std::string::npos);
    }
  }
  CHECK(std::count(seen[0].begin(), seen[0].end(), '-') == 4 * 30);
}

// What is written, without a network.

std::string printed(message_printer::form how, const std::vector<websocket::message>& pieces) {
  message_printer printer(how);
  std::string all;
  for (const websocket::message& each : pieces) all += as_text(printer.print(each));
  return all;
}

websocket::message text(std::string_view bytes, bool first = true, bool last = true) {
  return {text_bytes(bytes), websocket::kind::text, first, last};
}
websocket::message binary(std::string_view bytes, bool first = true, bool last = true) {
  return {text_bytes(bytes), websocket::kind::binary, first, last};
}

TEST_CASE("messages are lines that nobody takes for others") {
  constexpr auto lines = message_printer::form::lines;
  CHECK(printed(lines, {text("one"), text(""), text("two")}) == "one\n\ntwo\n");
  CHECK(printed(lines, {text("a\nb\n"), text("c")}) == "a\n\tb\n\t\nc\n");
  CHECK(printed(lines, {text("\tb"), text("\\x"), text("a\\\t")}) == "\\\tb\n\\\\x\na\\\t\n");
  CHECK(printed(lines, {binary(std::string_view("\0\xff", 2)), binary("")}) == "\\x00ff\n\\x\n");
  CHECK(printed(lines, {text("\r\x1b[2J")}) == "\r\x1b[2J\n");
}

TEST_CASE("messages are the same lines however they were cut") {
  constexpr auto lines = message_printer::form::lines;
  CHECK(printed(lines, {text("", true, false), text("\t", false, false), text("a\n", false, false),
                        text("\t", false, true)}) == "\\\ta\n\t\t\n");
  CHECK(printed(lines, {binary("a", true, false), binary("b", false, false),
                        binary("", false, true)}) == "\\x6162\n");
}

TEST_CASE("to a terminal nothing is written that commands it") {
  constexpr auto terminal = message_printer::form::terminal;
  CHECK(printed(terminal, {text("\r\x1b[2J\x7f\tž\n")}) == "\\x0d\\x1b[2J\\x7f\tž\n\t\n");
  CHECK(printed(terminal, {text("\xC2\x9B\xC2\xA0")}) == "\\x9b\xC2\xA0\n");
  CHECK(printed(terminal, {text("\xC2", true, false), text("\x9B", false, true)}) == "\\x9b\n");
}

TEST_CASE("raw messages are written as they are") {
  CHECK(printed(message_printer::form::raw, {text("\ta\n"), binary("b"), text("\x1b")}) ==
        "\ta\nb\x1b");
}

}  // namespace
