// The whole command, as its users run it: options, errors, signals, and curl on each loop.
#include "any_loop.hpp"
#include "child.hpp"
#include "limit_names.hpp"
#include "raw_client.hpp"

#include <drywire/backends/make_backend.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace drywire::traffic;

const std::string drywire_command = DRYWIRE_COMMAND;

struct site {
  site() {
    folder.write("hello.txt", "hello\n");
    folder.write("sub/index.html", "<p>sub\n");
    folder.write("big.bin", std::string(3'000'000, 'b'));
  }
  [[nodiscard]] server serve(const std::string& loop, arguments more = {}) const {
    more.insert(more.end(), {"--root", folder.path()});
    return {drywire_command, loop, more};
  }
  temporary_folder folder;
};

finished curl(const arguments& more) {
  arguments all{"curl", "-sS", "--max-time", "30", "--noproxy", "*"};
  all.insert(all.end(), more.begin(), more.end());
  return run(all);
}

void check_refused(const arguments& options, const std::string& message) {
  arguments all{"timeout", "20", drywire_command};
  all.insert(all.end(), options.begin(), options.end());
  const finished f = run(all);
  CHECK(f.status == 2);
  CHECK(f.output == "drywire: " + message + "\n");
}

void check_stops_well(server& s) {
  int status = -1;
  CHECK(s.stop(status) == "");
  CHECK(status == 0);
}

// Errors.

TEST_CASE("errors are one line, and status 2") {
  std::string names;
  for (const auto name : drywire::backend_names()) {
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  const temporary_folder folder;
  folder.write("f.toml", "\nlop = 'x'\n");
  check_refused({}, "A subcommand is required");
  check_refused({"serve", "--loop", "nope"},
                "--loop: no loop 'nope' in this build (" + names + ")");
  check_refused({"serve", "--root", "/no/such"}, "root '/no/such': No such file or directory");
  check_refused({"serve", "--config", folder.path() + "/f.toml"},
                folder.path() +
                    "/f.toml:2: lop: unknown key (loop, listen, root, list, gzip-static, threads, "
                    "log, log-format, metrics, drain-timeout, compression, allow-origin, limits)");
  check_refused({"serve", "--limit", "fields"}, "--limit: 'fields' is not NAME=VALUE");
  check_refused({"decode", "http1", "/no/such"}, "/no/such: No such file or directory");
}

TEST_CASE("a port in use is told") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop);
  const std::string address = "127.0.0.1:" + std::to_string(s.port());
  check_refused({"serve", "--loop", loop, "--listen", address},
                "listen on " + address + ": Address already in use");
  check_stops_well(s);
}

TEST_CASE("DRYWIRE_LOOP chooses the loop") {
  const std::string loop = any_loop();
  CAPTURE(loop);
  child c({"env", "DRYWIRE_LOOP=" + loop, drywire_command, "serve", "--listen", "127.0.0.1:0"});
  CHECK(c.read_line().ends_with(" (" + loop + ")"));
  c.send_signal(SIGTERM);
  CHECK(c.wait() == 0);
}

std::set<std::string> options_in(const std::string& text) {
  std::set<std::string> options;
  for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos;) {
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
    if (end - at > 3) options.insert(text.substr(at, end - at));
    at = end;
  }
  return options;
}

std::string documented_in(const std::string& page) {
  return text_of(std::string(DRYWIRE_SOURCE_DIR) + "/docs/" + page) + " --help";
}

TEST_CASE("serve --help lists the options that are documented, and no other") {
  const std::string page = documented_in("serve.md");
  const std::string help = run({drywire_command, "serve", "--help"}).output +
                           run({drywire_command, "decode", "--help"}).output;
  CHECK(options_in(help) == options_in(page));
  for (const auto name : drywire::tools::limit_names()) {
    CAPTURE(name);
    CHECK(page.find("| `" + std::string(name) + "` |") != std::string::npos);
    CHECK(help.find(" " + std::string(name)) != std::string::npos);
  }
}

TEST_CASE("ws --help lists the options that are documented, and no other") {
  const std::string help = run({drywire_command, "ws", "--help"}).output;
  CHECK(options_in(help) == options_in(documented_in("ws.md")));
  for (const auto name : drywire::tools::websocket_limit_names()) {
    CHECK(help.find(" " + std::string(name)) != std::string::npos);
  }
}

TEST_CASE("decode reads standard input") {
  const finished f = run(
      {"sh", "-c", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | \"$0\" decode http1", drywire_command});
  CHECK(f.status == 0);
  CHECK(f.output == "request method=\"GET\" target=\"/\" version=\"HTTP/1.0\"\nrequest end\n");
}

// Each address has its line, with the real port.
TEST_CASE("several addresses") {
  child c({drywire_command, "serve", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"});
  const std::string first = c.read_line();
  const std::string second = c.read_line();
  CHECK(first.starts_with("listening on 127.0.0.1:"));
  CHECK(second.starts_with("listening on 127.0.0.1:"));
  CHECK(first != second);
  c.send_signal(SIGTERM);
  CHECK(c.wait() == 0);
}

// curl.

TEST_CASE("curl gets, asks for heads, and is redirected") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop, {"--fixed-date", "784111777"});
  CHECK(curl({s.url("/hello.txt")}).output == "hello\n");
  std::string head = curl({"-I", s.url("/hello.txt")}).output;
  const std::size_t tag = head.find("ETag: \"") + 7;
  CHECK(head.find('"', tag) == tag + 16);
  CHECK(head.erase(tag, 16) ==
        "HTTP/1.1 200 OK\r\n"
        "ETag: \"\"\r\n"
        "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n"
        "Accept-Ranges: bytes\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Length: 6\r\n\r\n");
  CHECK(curl({"-L", s.url("/sub")}).output == "<p>sub\n");
  CHECK(curl({"-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", s.url("/sub?a=b")}).output ==
        "308 " + s.url("/sub/?a=b"));
  CHECK(curl({"-i", "-X", "DELETE", s.url("/hello.txt")}).output.find("\r\nAllow: GET, HEAD\r\n") !=
        std::string::npos);
  CHECK(
      curl({"-o", "/dev/null", "-w", "%{http_code} %{size_download}", s.url("/big.bin")}).output ==
      "200 3000000");
  check_stops_well(s);
}

TEST_CASE("curl keeps a connection, and speaks HTTP/1.0") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop);
  const std::string url = s.url("/hello.txt");
  CHECK(curl({url, url, "-w", "%{num_connects}\n"}).output == "hello\n1\nhello\n0\n");
  CHECK(curl({"-0", url, url, "-w", "%{num_connects}\n"}).output == "hello\n1\nhello\n1\n");
  check_stops_well(s);
}

TEST_CASE("curl gets from a socket in the file system, which is gone at the end") {
  const site files;
  const temporary_folder run_folder;
  const std::string path = run_folder.path() + "/x.sock";
  const std::string loop = any_loop();
  CAPTURE(loop);
  child c({drywire_command, "serve", "--loop", loop, "--listen", "unix:" + path, "--root",
           files.folder.path(), "--log"});
  CHECK(c.read_line() == "listening on unix:" + path + " (" + loop + ")");
  CHECK(curl({"--unix-socket", path, "http://a/hello.txt"}).output == "hello\n");
  CHECK(c.read_line().find("Z unix: \"GET /hello.txt HTTP/1.1\" 200 6 ") != std::string::npos);
  CHECK(
      curl({"--unix-socket", path, "-o", "/dev/null", "-w", "%{size_download}", "http://a/big.bin"})
          .output == "3000000");
  check_refused({"serve", "--listen", "unix:" + path},
                "listen on unix:" + path + ": Address already in use");
  c.send_signal(SIGTERM);
  CHECK(c.wait() == 0);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("curl's bodies come back from /echo") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop);
  const std::string body = files.folder.path() + "/big.bin";
  const std::string back = files.folder.path() + "/back";
  const std::vector<arguments> ways = {
      {"--data-binary", "@" + body},
      {"-H", "Transfer-Encoding: chunked", "--data-binary", "@" + body},
      {"-H", "Expect: 100-continue", "-T", body},
      {"-0", "-X", "PATCH", "--data-binary", "@" + body},
  };
  for (arguments way : ways) {
    CAPTURE(way);
    way.insert(way.end(), {"-o", back, s.url("/echo")});
    const finished f = curl(way);
    CHECK(f.status == 0);
    CHECK(f.output == "");
    CHECK(text_of(back) == text_of(body));
  }
  check_stops_well(s);
}

TEST_CASE("a request without a body has an empty one come back from /echo") {
  const site files;
  server s = files.serve(any_loop());
  for (const arguments& way :
       {arguments{}, {"-d", ""}, {"-H", "Transfer-Encoding: chunked", "-d", ""}}) {
    arguments all = way;
    all.insert(all.end(), {"-w", "%{http_code}", s.url("/echo")});
    CAPTURE(all);
    CHECK(curl(all).output == "200");
  }
  check_stops_well(s);
}

TEST_CASE("curl hears the 100 (Continue) that it waits for") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop);
  const finished f = curl({"-i", "--expect100-timeout", "20", "-H", "Expect: 100-continue", "-d",
                           "abc", s.url("/echo")});
  CHECK(f.output.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  CHECK(f.output.ends_with("\r\n\r\nabc"));
  check_stops_well(s);
}

// Log, trace, signals.

TEST_CASE("the log has a line for each exchange") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop, {"--log", "--fixed-date", "784111777"});
  CHECK(curl({s.url("/hello.txt")}).status == 0);
  CHECK(curl({"-I", s.url("/no%22")}).status == 0);
  const std::string got = s.read_line();
  CHECK(got.find("Z 127.0.0.1:") == 19);
  CHECK(got.find(" \"GET /hello.txt HTTP/1.1\" 200 6 ") != std::string::npos);
  CHECK(got.ends_with("s complete"));
  CHECK(s.read_line().find(" \"HEAD /no%22 HTTP/1.1\" 404 0 ") != std::string::npos);
  check_stops_well(s);
}

TEST_CASE("the same traffic has the same trace on every loop") {
  const site files;
  std::set<std::string> traces;
  for (const auto loop : drywire::backend_names()) {
    server s = files.serve(std::string(loop), {"--trace", "--fixed-date", "784111777"});
    const std::string url = s.url("");
    CHECK(curl({"-A", "t", "-H", "Host: t", "-o", "/dev/null", "-o", "/dev/null",
                url + "/hello.txt", url + "/big.bin"})
              .status == 0);
    int status = -1;
    traces.insert(s.stop(status));
    CHECK(status == 0);
  }
  CHECK(traces.size() == 1);
  CHECK(traces.begin()->starts_with("trace "));
}

// A POST whose body doesn't end until somebody sends "defghij".
void begin_echo(raw_connection& client) {
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(client.read_until("\r\n\r\nabc"));
}

TEST_CASE("a signal closes what is idle, and lets exchanges finish") {
  const site files;
  const std::string loop = any_loop();
  const int number = GENERATE(SIGTERM, SIGINT);
  CAPTURE(loop, number);
  server s = files.serve(loop);
  raw_connection busy(s.port()), idle(s.port());
  begin_echo(busy);
  s.send_signal(number);
  CHECK(idle.read_to_end());
  CHECK_THROWS(raw_connection(s.port()));
  CHECK(busy.send("defghij"));
  CHECK(busy.read_until("abcdefghij"));
  CHECK(busy.read_to_end());
  CHECK(s.wait() == 0);
}

TEST_CASE("a second signal ends at once") {
  const site files;
  const std::string loop = any_loop();
  CAPTURE(loop);
  server s = files.serve(loop);
  raw_connection busy(s.port()), idle(s.port());
  begin_echo(busy);
  s.send_signal(SIGTERM);
  CHECK(idle.read_to_end());
  s.send_signal(SIGINT);
  CHECK_FALSE(busy.read_to_end());
  CHECK(s.wait() == 1);
}

}  // namespace
