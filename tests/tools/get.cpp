// `drywire get` as its users run it, against servers that answer by the book and `drywire serve`.
#include "any_loop.hpp"
#include "child.hpp"
#include "scripted_server.hpp"

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include <csignal>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace drywire::traffic;
using answer = scripted_server::answer;

finished get(const arguments& more, const std::string& loop = "native") {
  arguments all{"timeout", "60", DRYWIRE_COMMAND, "get", "--loop", loop};
  all.insert(all.end(), more.begin(), more.end());
  return run(all);
}

// The same in a shell, where "$@" is the command with its arguments.
finished get_in(const std::string& script, const arguments& more) {
  arguments all{"timeout", "60", "sh", "-c", script, "sh", DRYWIRE_COMMAND, "get"};
  all.insert(all.end(), more.begin(), more.end());
  return run(all);
}

std::string ok(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string lines(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += std::to_string(i) + "\n";
  return text;
}

struct site {
  site() { folder.write("big.txt", big); }
  [[nodiscard]] server serve(const std::string& loop, arguments more = {}) const {
    more.insert(more.end(), {"--root", folder.path()});
    return {DRYWIRE_COMMAND, loop, more};
  }
  std::string big = lines(300'000);
  temporary_folder folder;
};

}  // namespace

TEST_CASE("each loop gets and sends every byte") {
  const std::string loop = any_loop();
  CAPTURE(loop);
  const site files;
  server s = files.serve(loop);
  const std::string into = files.folder.path() + "/got";
  CHECK(get({s.url("/big.txt")}, loop).output == files.big);
  CHECK(get({"-o", into, s.url("/big.txt")}, loop).output.empty());
  CHECK((text_of(into) == files.big));
  CHECK((get({"-T", into, s.url("/echo")}, loop).output == files.big));
  const finished piped = get_in("cat " + into + " | \"$@\" | cmp - " + into,
                                {"--loop", loop, "--data-file", "-", s.url("/echo")});
  CHECK(piped.output.empty());
  CHECK(piped.status == 0);
  CHECK(get({"-d", "a=b", s.url("/echo")}, loop).output == "a=b");
  CHECK(get({"-d", "", s.url("/echo")}, loop).output.empty());
}

TEST_CASE("the heads are written with -i, and alone with -I") {
  scripted_server s({{ok("body", "A: b\r\n")}, {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"}});
  CHECK(get({"-i", s.url()}).output == "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 4\r\n\r\nbody");
  CHECK(get({"-I", s.url()}).output == "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
  CHECK(s.request(1).starts_with("HEAD / HTTP/1.1\r\n"));
}

TEST_CASE("the request is what the flags call for") {
  const temporary_folder folder;
  folder.write("body", "12345");
  const std::string body = folder.path() + "/body";
  struct row {
    arguments flags;
    std::string begins;
    std::vector<std::string> has;
  };
  const std::vector<row> rows = {
      {{}, "GET /p?q HTTP/1.1\r\nHost: 127.0.0.1:", {"User-Agent: drywire/", "Accept: */*\r\n"}},
      {{"-X", "DELETE"}, "DELETE ", {}},
      {{"-H", "user-agent:me", "-H", "X: y: z"}, "GET ", {"user-agent: me\r\n", "X: y: z\r\n"}},
      {{"-H", "Host: other"}, "GET /p?q HTTP/1.1\r\nHost: other\r\n", {}},
      {{"-d", "a=b"},
       "POST ",
       {"Content-Type: application/x-www-form-urlencoded\r\n", "Content-Length: 3\r\n", "a=b"}},
      {{"-d", "x", "-X", "PATCH", "-H", "Content-Type: text/plain"},
       "PATCH ",
       {"Content-Type: text/plain\r\n"}},
      {{"--data-file", body}, "POST ", {"Content-Length: 5\r\n", "\r\n\r\n12345"}},
      {{"-T", body}, "PUT ", {"Content-Length: 5\r\n", "\r\n\r\n12345"}},
      {{"--range", "2-4"}, "GET ", {"Range: bytes=2-4\r\n"}},
      {{"--range=-5"}, "GET ", {"Range: bytes=-5\r\n"}},
      {{"--compressed"}, "GET ", {"Accept-Encoding: gzip, deflate\r\n"}},
  };
  for (const row& each : rows) {
    scripted_server s({{ok("fine")}});
    arguments all = each.flags;
    all.push_back(s.url("/p?q#fragment"));
    CHECK(get(all).output == "fine");
    const std::string request = s.request(0);
    CAPTURE(request);
    CHECK(request.starts_with(each.begins));
    for (const std::string& text : each.has) CHECK(request.find(text) != std::string::npos);
    CHECK(request.find("fragment") == std::string::npos);
    const std::size_t agent = request.find("User-Agent");
    CHECK((agent == std::string::npos) == (request.find("user-agent") != std::string::npos));
  }
}

TEST_CASE("standard input goes out while it comes") {
  const temporary_folder folder;
  scripted_server s({{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}});
  // The answer comes while the body goes on: the command sees it without an end of its input.
  child c({"sh", "-c", "{ printf one; sleep 3; } | \"$0\" get -i -T - \"$1\"", DRYWIRE_COMMAND,
           s.url()});
  CHECK(c.read_line() == "HTTP/1.1 200 OK\r");
  CHECK(s.request(0).find("Transfer-Encoding: chunked") != std::string::npos);
}

TEST_CASE("redirects are followed with -L alone") {
  const std::string to =
      "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 2\r\n"
      "Connection: close\r\n\r\nno";
  scripted_server off({{to}});
  CHECK(get({off.url("/a")}).output == "no");

  const temporary_folder folder;
  const std::string into = folder.path() + "/got";
  scripted_server s({{to}, {ok("yes")}});
  CHECK(get({"-L", "-i", "-o", into, s.url("/a")}).status == 0);
  CHECK(text_of(into).starts_with("HTTP/1.1 302 Found\r\n"));
  CHECK(text_of(into).ends_with("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"));
  CHECK(s.request(1).starts_with("GET /b "));

  scripted_server many({{to}, {to}, {to}});
  const finished f = get({"-L", "--redirects-max", "2", many.url("/a")});
  CHECK(f.status == 1);
  CHECK(f.output == "drywire: " + many.url("/a") + ": too many redirects\n");
}

TEST_CASE("with -v the events go to standard error, one a line") {
  scripted_server s({{"HTTP/1.1 103 Early Hints\r\n\r\n" + ok("four")}});
  const finished f = get_in("\"$@\" 2>&1 >/dev/null", {"-v", s.url(), "-H", "Accept: a"});
  CHECK(f.output == "request method=\"GET\" url=\"" + s.url() +
                        "\" Accept=\"a\" User-Agent=\"drywire/" DRYWIRE_VERSION
                        "\"\n"
                        "informational status=\"103\" reason=\"Early Hints\" version=\"HTTP/1.1\"\n"
                        "response status=\"200\" reason=\"OK\" version=\"HTTP/1.1\" "
                        "Content-Length=\"4\"\nbody bytes=\"4\"\nend how=\"complete\"\n");
}

// What goes wrong.

TEST_CASE("each failure is one line, and its status says whose it was") {
  const std::string pages = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\npage";
  struct row {
    arguments flags;
    std::string answer;
    int status;
    std::string output;  // U stands for the URL
  };
  const std::vector<row> rows = {
      {{}, pages, 0, "page"},
      {{"-f"}, pages, 1, "drywire: U: HTTP/1.1 404 Not Found\n"},
      {{}, "HTTP/1.1 200 OK\n\n", 1, "drywire: U: bare line feed (RFC 9112 2.2)\n"},
      {{}, "SSH-2.0-x\r\n", 1, "drywire: U: not a response (RFC 9112 4)\n"},
      {{},
       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
       1,
       "abcdrywire: U: truncated body (RFC 9112 8)\n"},
      {{"-L"},
       "HTTP/1.1 302 F\r\nLocation: https://a/\r\nContent-Length: 0\r\n\r\n",
       2,
       "drywire: U: redirected to https://, which is not supported yet\n"},
      {{"--limit", "body-bytes=4"},
       ok("hello"),
       1,
       "drywire: U: content too large (RFC 9110 15.5.14)\n"},
      {{"--limit", "body-bytes=4", "--limit", "body-bytes=5"}, ok("hello"), 0, "hello"},
      {{"--limit", "fields=0"}, ok("x"), 1, "drywire: U: too many fields (RFC 9110 5.4)\n"},
      {{"-o", "/no/such/file"},
       ok("x"),
       2,
       "drywire: U: /no/such/file: No such file or directory\n"},
      {{"-o", "/dev/full"}, ok("x"), 2, "drywire: U: /dev/full: No space left on device\n"},
      {{"--compressed"},
       ok("x", "Content-Encoding: br\r\n"),
       1,
       "drywire: U: the body is in a coding that isn't known\n"},
      {{"--compressed"},
       ok("hello", "Content-Encoding: gzip\r\n"),
       1,
       "drywire: U: the body can't be decoded: bad header\n"},
      {{"--compressed"},
       ok("\x1f\x8b\x08", "Content-Encoding: gzip\r\n"),
       1,
       "drywire: U: the body's coding ends too early\n"},
  };
  for (const row& each : rows) {
    scripted_server s({{each.answer}});
    arguments all = each.flags;
    all.push_back(s.url());
    const finished f = get(all);
    std::string wanted = each.output;
    if (const auto at = wanted.find("U:"); at != std::string::npos) wanted.replace(at, 1, s.url());
    CHECK(f.output == wanted);
    CHECK(f.status == each.status);
  }
}

TEST_CASE("what can't be done is told before anything is sent") {
  struct row {
    arguments all;
    std::string message;
  };
  const std::vector<row> rows = {
      {{"https://a/"}, "https://a/: https:// is not supported yet"},
      {{"ftp://a/"}, "ftp://a/: not a URL of the form http://host[:port][/path][?query]"},
      {{"http://u:p@a/"},
       "a user name or password in a URL is not sent: use -H 'Authorization: ...'"},
      {{"http://[::1/"}, "http://[::1/: not a URL of the form http://host[:port][/path][?query]"},
      {{"http://none.invalid/"}, "http://none.invalid/: the host has no address: "},
      {{"http://127.0.0.1:1/"}, "http://127.0.0.1:1/: can't connect: Connection refused"},
      {{"http://a/", "-T", "/no/such"}, "/no/such: No such file or directory"},
      {{"http://a/", "-T", "/tmp"}, "/tmp: is a folder"},
      {{"http://a/", "-H", "x"}, "--header: 'x' is not Name: value"},
      {{"http://127.0.0.1:1/", "--max-time", "x"},
       "--max-time: 'x' is no time such as 10, 0.5, 500ms or 2m"},
      {{"http://a/", "--range", "5"}, "--range: '5' is not A-B, A- or -N"},
      {{"http://a/", "--limit", "fields"}, "--limit: 'fields' is not NAME=VALUE"},
      {{"http://a/", "--limit", "linger-bytes=1"},
       "--limit: no limit 'linger-bytes' (head-bytes, "},
      {{"http://a/", "--loop", "nope"}, "--loop: no loop 'nope' in this build ("},
  };
  for (const row& each : rows) {
    arguments all{"timeout", "60", DRYWIRE_COMMAND, "get"};
    all.insert(all.end(), each.all.begin(), each.all.end());
    const finished f = run(all);
    CHECK(f.output.starts_with("drywire: " + each.message));
    CHECK(f.output.find('\n') == f.output.size() - 1);
    CHECK(f.status == 2);
  }
}

TEST_CASE("what never answers is ended by --max-time") {
  scripted_server s({answer{"", "never"}});
  const finished f = get({"--max-time", "100ms", s.url()});
  CHECK(f.output == "drywire: " + s.url() + ": the call takes too long\n");
  CHECK(f.status == 1);
}

TEST_CASE("a reader that goes away ends it quietly") {
  const site files;
  server s = files.serve("native");
  const finished f = get_in("\"$@\" 2>&1 | head -n 1; \"$@\" >/dev/full", {s.url("/big.txt")});
  CHECK(f.output ==
        "0\ndrywire: " + s.url("/big.txt") + ": standard output: No space left on device\n");
}

// Files that aren't whole.

TEST_CASE("a partial file stays, and --continue gets the rest") {
  const temporary_folder folder;
  const std::string into = folder.path() + "/got";
  folder.write("got", "of an older time, and longer");
  const std::string whole = "0123456789";
  const std::string part =
      "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-9/10\r\n"
      "Content-Length: 6\r\n\r\n456789";
  scripted_server s(
      {{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123"},
       {part},
       {"HTTP/1.1 416 No\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n"}});
  const finished cut = get({"-o", into, s.url()});
  CHECK(cut.status == 1);
  CHECK(cut.output == "drywire: " + s.url() + ": truncated body (RFC 9112 8); " + into +
                          " has the first 4 bytes, --continue asks for the rest\n");
  CHECK(text_of(into) == "0123");
  CHECK(get({"-c", "-o", into, s.url()}).output.empty());
  CHECK(s.request(1).find("Range: bytes=4-\r\n") != std::string::npos);
  CHECK(text_of(into) == whole);
  const finished again = get({"-c", "-o", into, s.url()});
  CHECK(again.output.empty());
  CHECK(again.status == 0);
  CHECK(text_of(into) == whole);
}

TEST_CASE("with --continue the file stays when it can't go on, and begins anew with a 200") {
  const temporary_folder folder;
  const std::string into = folder.path() + "/got";
  folder.write("got", "0123");
  for (const std::string text :
       {"HTTP/1.1 206 P\r\nContent-Range: bytes 3-9/10\r\nContent-Length: 7\r\n\r\n3456789",
        "HTTP/1.1 206 P\r\nContent-Length: 7\r\n\r\n3456789",
        "HTTP/1.1 404 N\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 416 N\r\nContent-Range: bytes */3\r\nContent-Length: 0\r\n\r\n"}) {
    scripted_server s({{text}});
    const finished f = get({"-c", "-o", into, s.url()});
    CHECK(f.status == 1);
    CHECK(f.output.ends_with("can't go on behind 4 bytes; " + into + " is as it was\n"));
    CHECK(text_of(into) == "0123");
  }
  scripted_server s({{ok("whole")}});
  CHECK(get({"-c", "-o", into, s.url()}).status == 0);
  CHECK(text_of(into) == "whole");
}

TEST_CASE("with --continue a part that ends before the whole does is a failure, and kept") {
  const temporary_folder folder;
  const std::string into = folder.path() + "/got";
  folder.write("got", "0123");
  scripted_server s(
      {{"HTTP/1.1 206 P\r\nContent-Range: bytes 4-6/10\r\nContent-Length: 3\r\n\r\n456"},
       {"HTTP/1.1 206 P\r\nContent-Range: bytes 7-9/10\r\nContent-Length: 3\r\n\r\n789"}});
  const finished f = get({"-c", "-o", into, s.url()});
  CHECK(f.status == 1);
  CHECK(f.output == "drywire: " + s.url() + ": the server gave less than the rest; " + into +
                        " has the first 7 bytes, --continue asks for the rest\n");
  CHECK(text_of(into) == "0123456");
  CHECK(get({"-c", "-o", into, s.url()}).status == 0);
  CHECK(text_of(into) == "0123456789");
}

TEST_CASE("a failure before the response leaves the file alone") {
  const temporary_folder folder;
  folder.write("got", "old");
  CHECK(get({"-o", folder.path() + "/got", "http://127.0.0.1:1/"}).status == 2);
  scripted_server s({{"HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\nx"}});
  CHECK(get({"-f", "-o", folder.path() + "/got", s.url()}).status == 1);
  CHECK(text_of(folder.path() + "/got") == "old");
}

TEST_CASE("an interrupt leaves what came") {
  const temporary_folder folder;
  const std::string into = folder.path() + "/got";
  scripted_server s({answer{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123", "456789"}});
  child c({DRYWIRE_COMMAND, "get", "-o", into, s.url()});
  while (text_of(into) != "0123") {  // The test's own timeout ends this, if need be.
    ::usleep(1000);
  }
  c.send_signal(SIGINT);
  CHECK(c.wait() == 128 + SIGINT);
  CHECK(text_of(into) == "0123");
}

TEST_CASE("a bar is drawn on a terminal, and gone at the end") {
  const temporary_folder folder;
  scripted_server s({answer{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234", "56789"}});
  child c({"script", "-qec",
           std::string(DRYWIRE_COMMAND) + " get -o " + folder.path() + "/got " + s.url(),
           "/dev/null"});
  // There is no end of line while it is drawn, so wait for the request, then for the bar's time.
  static_cast<void>(s.request(0));
  ::usleep(1'500'000);
  s.go_on();
  const std::string drawn = c.read_all();
  CHECK(c.wait() == 0);
  CHECK(drawn.find(" 50% [####") != std::string::npos);
  CHECK(drawn.find("5 B of 10 B") != std::string::npos);
  CHECK(drawn.ends_with("\r\x1b[K"));
  CHECK(text_of(folder.path() + "/got") == "0123456789");
}

TEST_CASE("with --unix it connects to a socket, whatever the host") {
  const std::string loop = any_loop();
  const site files;
  const std::string path = files.folder.path() + "/socket";
  child c({DRYWIRE_COMMAND, "serve", "--loop", loop, "--root", files.folder.path(), "--listen",
           "unix:" + path});
  REQUIRE(c.read_line().starts_with("listening on unix:"));
  CHECK((get({"--unix", path, "http://no.such.host/big.txt"}, loop).output == files.big));
}

TEST_CASE("gzip and deflate are decoded with --compressed alone") {
  const std::string hello(
      "\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0", 25);
  const std::string raw = hello.substr(10, 7);
  scripted_server s({{ok(hello, "Content-Encoding: GZIP\r\n")},
                     {ok(raw, "Content-Encoding: deflate\r\n")},
                     {ok("plain")},
                     {ok(hello, "Content-Encoding: gzip\r\n")}});
  CHECK(get({"--compressed", s.url()}).output == "hello");
  CHECK(get({"--compressed", s.url()}).output == "hello");
  CHECK(get({"--compressed", s.url()}).output == "plain");
  CHECK(get({s.url()}).output == hello);
}

TEST_CASE("get --help lists the options that are documented, and no other") {
  const auto options_in = [](const std::string& text) {
    std::set<std::string> options;
    for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos;) {
      const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
      if (end - at > 3) options.insert(text.substr(at, end - at));
      at = end;
    }
    return options;
  };
  std::set<std::string> documented =
      options_in(text_of(std::string(DRYWIRE_SOURCE_DIR) + "/docs/get.md"));
  documented.insert("--help");
  CHECK(options_in(run({DRYWIRE_COMMAND, "get", "--help"}).output) == documented);
}
