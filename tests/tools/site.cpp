// What the site answers, over a loop without any I/O: files by conditions, ranges and codings,
// folders, metrics.
#include "site.hpp"

#include "../adapters/fake_backend.hpp"
#include "child.hpp"
#include "listing.hpp"
#include "metrics.hpp"

#include <drywire/adapters/http_server.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace drywire;
using namespace drywire::tools;
namespace fs = std::filesystem;

// The loop's wall clock stands at 784111777.
constexpr const char* modified = "Sun, 06 Nov 1994 05:33:20 GMT";
constexpr std::int64_t modified_seconds = 784'100'000;

struct fixture {
  explicit fixture(site_options wanted = {}) : options(std::move(wanted)) {
    write("letters.txt", "abcdefghijklmnopqrstuvwxyz");
    write("long.bin", std::string(1000, 'x'));
  }

  void write(const std::string& name, const std::string& text,
             std::int64_t seconds = modified_seconds) const {
    folder.write(name, text);
    const timespec times[] = {{seconds, 0}, {seconds, 0}};
    REQUIRE(::utimensat(AT_FDCWD, (folder.path() + "/" + name).c_str(), times, 0) == 0);
  }

  // The whole response.
  std::string ask(const std::string& target, const std::string& fields = {},
                  const std::string& method = "GET") {
    options.root = folder.path();
    tests::fake_backend loop;
    site_counters counted;
    const site_counters* all[] = {&counted};
    const site answers(loop, options, nullptr, all);
    http_server server(loop, [&answers](exchange& x) { answers.answer(x); },
                       {.counters = &counted.http});
    REQUIRE(server.listen(endpoint::loopback_v4(0)));
    tests::fake_stream& client = loop.connect_client();
    client.arrive(method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    return client.written;
  }

  traffic::temporary_folder folder;
  site_options options;
};

std::string status_of(const std::string& response) { return response.substr(9, 3); }

std::string field_of(const std::string& response, const std::string& name) {
  const std::size_t at = response.find("\r\n" + name + ": ");
  if (at == std::string::npos || at > response.find("\r\n\r\n")) return {};
  const std::size_t begin = at + name.size() + 4;
  return response.substr(begin, response.find("\r\n", begin) - begin);
}

std::string body_of(const std::string& response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

// Conditions.

TEST_CASE("a file has validators, and what it was asked for with them is not sent again") {
  fixture f;
  const std::string whole = f.ask("/letters.txt");
  CHECK(status_of(whole) == "200");
  CHECK(field_of(whole, "Last-Modified") == modified);
  const std::string tag = field_of(whole, "ETag");
  CHECK(tag.size() == 18);
  for (const std::string& condition :
       {"If-None-Match: " + tag, "If-None-Match: W/" + tag + ", \"x\"",
        "If-Modified-Since: " + std::string(modified)}) {
    CAPTURE(condition);
    const std::string got = f.ask("/letters.txt", condition + "\r\n");
    CHECK(status_of(got) == "304");
    CHECK(field_of(got, "ETag") == tag);
    CHECK(field_of(got, "Last-Modified") == "");
    CHECK(field_of(got, "Content-Length") == "");
    CHECK(body_of(got) == "");
  }
  CHECK(status_of(f.ask("/letters.txt", "If-None-Match: \"x\"\r\n")) == "200");
  CHECK(status_of(f.ask("/letters.txt", "If-Match: \"x\"\r\n")) == "412");
  CHECK(status_of(f.ask("/letters.txt", "If-Match: " + tag + "\r\n")) == "200");
  CHECK(status_of(f.ask("/nothing", "If-Match: \"x\"\r\n")) == "404");
}

TEST_CASE("a file that is replaced by one of the same size and time has another tag") {
  fixture f;
  const std::string before = field_of(f.ask("/letters.txt"), "ETag");
  f.write("other", "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  fs::rename(f.folder.path() + "/other", f.folder.path() + "/letters.txt");
  CHECK(field_of(f.ask("/letters.txt"), "ETag") != before);
}

TEST_CASE("a file that may still be changing has no validators") {
  fixture f;
  const std::int64_t seconds = GENERATE(784'111'776, 784'111'777, 784'111'800);
  f.write("letters.txt", "abc", seconds);
  const std::string got = f.ask("/letters.txt");
  CHECK(field_of(got, "ETag") == "");
  CHECK(field_of(got, "Last-Modified") == "");
  CHECK(status_of(f.ask("/letters.txt", "If-Modified-Since: Sun, 06 Nov 2050 00:00:00 GMT\r\n")) ==
        "200");
}

// Ranges.

TEST_CASE("one range") {
  fixture f;
  const std::string got = f.ask("/letters.txt", "Range: bytes=2-4\r\n");
  CHECK(status_of(got) == "206");
  CHECK(field_of(got, "Content-Range") == "bytes 2-4/26");
  CHECK(field_of(got, "Content-Length") == "3");
  CHECK(body_of(got) == "cde");
  CHECK(body_of(f.ask("/letters.txt", "Range: bytes=-3\r\n")) == "xyz");
}

TEST_CASE("several ranges are parts") {
  fixture f;
  f.write("long.bin", std::string(500, 'x') + "middle" + std::string(500, 'y'));
  const std::string got = f.ask("/long.bin", "Range: bytes=500-505,0-1,-2\r\n");
  CHECK(status_of(got) == "206");
  const std::string type = field_of(got, "Content-Type");
  const std::string begin = "multipart/byteranges; boundary=";
  REQUIRE(type.starts_with(begin));
  const std::string boundary = type.substr(begin.size());
  const auto part = [](const std::string& range, const std::string& bytes) {
    return "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes " + range +
           "/1006\r\n\r\n" + bytes + "\r\n--";
  };
  const std::string body = body_of(got);
  CHECK(field_of(got, "Content-Length") == std::to_string(body.size()));
  CHECK(field_of(got, "Content-Range") == "");
  CHECK(body == "--" + boundary + part("500-505", "middle") + boundary + part("0-1", "xx") +
                    boundary + part("1004-1005", "yy") + boundary + "--\r\n");
}

TEST_CASE("ranges that can't be had, or aren't obeyed") {
  fixture f;
  const std::string none = f.ask("/letters.txt", "Range: bytes=26-\r\n");
  CHECK(status_of(none) == "416");
  CHECK(field_of(none, "Content-Range") == "bytes */26");
  CHECK(status_of(f.ask("/letters.txt", "Range: lines=1-2\r\n")) == "200");
  CHECK(status_of(f.ask("/letters.txt", "Range: bytes=1-2\r\nIf-Range: \"x\"\r\n")) == "200");
  const std::string tag = field_of(f.ask("/letters.txt"), "ETag");
  CHECK(status_of(f.ask("/letters.txt", "Range: bytes=1-2\r\nIf-Range: " + tag + "\r\n")) == "206");
  CHECK(status_of(f.ask("/letters.txt", "Range: bytes=1-2\r\nIf-Range: " + std::string(modified) +
                                            "\r\n")) == "206");
  const std::string head = f.ask("/letters.txt", "Range: bytes=1-2\r\n", "HEAD");
  CHECK(status_of(head) == "200");
  CHECK(field_of(head, "Content-Length") == "26");
  CHECK(field_of(head, "Accept-Ranges") == "bytes");
}

TEST_CASE("a thousand ranges don't make a reply longer than the file") {
  fixture f({.ranges_max = 10'000});
  std::string ranges = "Range: bytes=0-";
  for (int i = 0; i < 1000; ++i) ranges += ",0-" + std::to_string(i);
  const std::string joined = f.ask("/long.bin", ranges + "\r\n");
  CHECK(field_of(joined, "Content-Range") == "bytes 0-999/1000");
  CHECK(body_of(joined).size() == 1000);
  f.options.ranges_max = 16;
  CHECK(status_of(f.ask("/long.bin", ranges + "\r\n")) == "200");
}

// Codings.

TEST_CASE("a gzipped twin goes to who prefers it") {
  fixture f({.gives_gzipped = true});
  f.write("letters.txt.gz", "gzipped");
  const std::string plain = f.ask("/letters.txt");
  CHECK(body_of(plain).size() == 26);
  CHECK(field_of(plain, "Vary") == "Accept-Encoding");
  const std::string got = f.ask("/letters.txt", "Accept-Encoding: br, gzip;q=0.5\r\n");
  CHECK(body_of(got) == "gzipped");
  CHECK(field_of(got, "Content-Encoding") == "gzip");
  CHECK(field_of(got, "Content-Type") == "text/plain; charset=utf-8");
  CHECK(field_of(got, "ETag") != field_of(plain, "ETag"));
  for (const char* refused : {"gzip;q=0", "gzip;q=0.5, identity", "br", "gzip;q=2"}) {
    CAPTURE(refused);
    const std::string fields = "Accept-Encoding: " + std::string(refused) + "\r\n";
    CHECK(field_of(f.ask("/letters.txt", fields), "Content-Encoding") == "");
  }
  const std::string range = f.ask("/letters.txt", "Accept-Encoding: gzip\r\nRange: bytes=0-1\r\n");
  CHECK(field_of(range, "Content-Range") == "bytes 0-1/7");
  CHECK(field_of(f.ask("/long.bin"), "Vary") == "");
}

TEST_CASE("a twin that is older, a link, or not wanted isn't given") {
  const std::string accepts = "Accept-Encoding: gzip\r\n";
  fixture f({.gives_gzipped = true});
  f.write("letters.txt.gz", "gzipped", modified_seconds - 1);
  CHECK(body_of(f.ask("/letters.txt", accepts)).size() == 26);
  f.write("elsewhere", "gzipped");
  fs::create_symlink("elsewhere", f.folder.path() + "/long.bin.gz");
  CHECK(body_of(f.ask("/long.bin", accepts)).size() == 1000);
  f.options.gives_gzipped = false;
  f.write("letters.txt.gz", "gzipped");
  CHECK(body_of(f.ask("/letters.txt", accepts)).size() == 26);
}

// Folders.

TEST_CASE("a folder is listed if that is wanted, and has no index") {
  fixture f;
  f.write("sub/b.txt", "bb");
  CHECK(status_of(f.ask("/sub/")) == "404");
  f.options.lists_folders = true;
  const std::string page = f.ask("/sub/");
  CHECK(status_of(page) == "200");
  CHECK(field_of(page, "Content-Type") == "text/html; charset=utf-8");
  CHECK(page.find("<a href=\"b.txt\">b.txt</a><td>1994-11-06 05:33<td>2\n") != std::string::npos);
  CHECK(status_of(f.ask("/sub")) == "308");
  CHECK(f.ask("/").find("href=\"sub/\"") != std::string::npos);
  CHECK(body_of(f.ask("/sub/", "", "HEAD")) == "");
  f.write("sub/index.html", "index");
  CHECK(body_of(f.ask("/sub/")) == "index");
}

TEST_CASE("a listing shows neither what is hidden nor links, and can't be made markup") {
  fixture f({.lists_folders = true});
  f.write("sub/<b>\"&' x:y", "");
  f.write("sub/.hidden", "");
  fs::create_symlink("/etc", f.folder.path() + "/sub/link");
  fs::create_directory_symlink("sub", f.folder.path() + "/way");
  const std::string page = f.ask("/sub/");
  CHECK(page.find("href=\"%3Cb%3E%22%26%27%20x%3Ay\">&lt;b&gt;&quot;&amp;&#39; x:y</a>") !=
        std::string::npos);
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(page.find("hidden") == std::string::npos);
  CHECK(page.find("link") == std::string::npos);
  CHECK(status_of(f.ask("/way/")) == "404");
}

TEST_CASE("a listing is by name, and no longer than its limit") {
  fixture f({.lists_folders = true, .listing_entries_max = 3});
  for (const char* name : {"c", "a", "d", "b"}) f.write(std::string("sub/") + name, "");
  const std::string page = f.ask("/sub/");
  const std::string letters = "abcd";
  CHECK(std::ranges::count_if(letters, [&page](char letter) {
          return page.find(std::string("<a href=\"") + letter + "\">") != std::string::npos;
        }) == 3);
  CHECK(page.find("Only 3 of its entries.") != std::string::npos);
  f.options.listing_entries_max = 4;
  const std::string all = f.ask("/sub/");
  CHECK(all.find("Only") == std::string::npos);
  CHECK(std::ranges::is_sorted(
      std::vector{all.find("\"a\""), all.find("\"b\""), all.find("\"c\""), all.find("\"d\"")}));
}

TEST_CASE("what a listing doesn't show counts for its limit, too") {
  fixture f({.lists_folders = true, .listing_entries_max = 3});
  fs::create_directory(f.folder.path() + "/links");
  for (const char* name : {"a", "b", ".c", ".d"}) {
    fs::create_symlink("/etc", f.folder.path() + "/links/" + name);
  }
  CHECK(f.ask("/links/").find("Only 0 of its entries.") != std::string::npos);
}

TEST_CASE("what isn't a file has its path in an absolute target, too") {
  fixture f({.metrics = "/metrics"});
  CHECK(status_of(f.ask("http://a/echo")) == "200");
  CHECK(status_of(f.ask("http://a/echo?x")) == "200");
  CHECK(status_of(f.ask("http://a/metrics?x")) == "200");
  CHECK(status_of(f.ask("http://a/?/echo")) == "404");
}

// Metrics.

// The exposition format, 0.0.4, as far as it is used: HELP, TYPE, then samples of that name alone.

// Takes what stands before `end`, and `end`.
std::string take(std::string& line, std::string_view end) {
  const std::size_t at = line.find(end);
  REQUIRE(at != std::string::npos);
  std::string taken = line.substr(0, at);
  line.erase(0, at + end.size());
  return taken;
}

bool is_all_of(const std::string& text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string::npos;
}

constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz_";

void check_sample(std::string line, const std::string& name) {
  CHECK(take(line, "{") == name);
  do {
    CHECK(is_all_of(take(line, "=\""), name_characters));
    CHECK(take(line, "\"").find('\\') == std::string::npos);
  } while (line.starts_with(',') && !line.erase(0, 1).empty());
  CHECK(take(line, "} ").empty());
  CHECK(is_all_of(line, "0123456789"));
}

void check_exposition(const std::string& text) {
  REQUIRE(text.ends_with('\n'));
  std::string described;
  std::string typed;
  std::set<std::string> seen;
  for (std::size_t at = 0; at < text.size();) {
    std::string line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    CAPTURE(line);
    if (line.starts_with("# HELP ")) {
      line.erase(0, 7);
      described = take(line, " ");
      CHECK(is_all_of(described, name_characters));
      CHECK_FALSE(line.empty());
      CHECK(seen.insert(described).second);
    } else if (line.starts_with("# TYPE ")) {
      line.erase(0, 7);
      typed = take(line, " ");
      CHECK(typed == described);
      CHECK(line == (typed.ends_with("_total") ? "counter" : "gauge"));
    } else {
      check_sample(line, typed);
      CHECK(seen.insert(line.substr(0, line.find('}'))).second);
    }
  }
}

TEST_CASE("metrics are what Prometheus reads, of each loop, and of all together") {
  site_counters first, second;
  first.http.connections.add(3);
  first.http.connections_ended.add();
  second.http.responses[4].add(7);
  first.http.peer_errors[static_cast<std::size_t>(http1::fault::bare_line_feed)].add(2);
  second.http.peer_errors[static_cast<std::size_t>(http1::fault::bare_line_feed)].add(5);
  first.websockets.connections.add(4);
  first.websockets.connections_ended.add();
  second.websockets.message_bytes_sent.add(9);
  second.websockets.peer_errors[static_cast<std::size_t>(websocket::fault::short_close)].add(3);
  const site_counters* all[] = {&first, &second};
  const std::string text = metrics_text(all);
  check_exposition(text);
  CHECK(text.find("\ndrywire_connections{loop=\"0\"} 2\n") != std::string::npos);
  CHECK(text.find("\ndrywire_responses_total{loop=\"1\",class=\"4xx\"} 7\n") != std::string::npos);
  CHECK(text.find("\ndrywire_peer_errors_total{fault=\"bare line feed\"} 7\n") !=
        std::string::npos);
  CHECK(text.find("\ndrywire_websocket_connections{loop=\"0\"} 3\n") != std::string::npos);
  CHECK(text.find("\ndrywire_websocket_message_bytes_total{loop=\"1\",direction=\"out\"} 9\n") !=
        std::string::npos);
  CHECK(text.find("\ndrywire_websocket_peer_errors_total{fault=\"short close\"} 3\n") !=
        std::string::npos);
}

TEST_CASE("metrics are at their path, and at none unless that is wanted") {
  fixture f;
  CHECK(status_of(f.ask("/metrics")) == "404");
  f.options.metrics = "/metrics";
  const std::string got = f.ask("/metrics?x");
  CHECK(field_of(got, "Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  check_exposition(body_of(got));
  CHECK(got.find("\ndrywire_requests_in_flight{loop=\"0\"} 1\n") != std::string::npos);
  CHECK(status_of(f.ask("/metricsx")) == "404");
  CHECK(status_of(f.ask("/metrics", "", "POST")) == "405");
}

// The log.

TEST_CASE("a line of the log in each format") {
  const log_entry entry{.begin = {1'000'000'000},
                        .peer = endpoint::loopback_v4(5000),
                        .request = "\"GET / HTTP/1.1\"",
                        .referer = "\"-\"",
                        .agent = "\"a\\\"b\"",
                        .status = 200,
                        .body_bytes = 12};
  const now end{.steady = {2'234'000'000}, .unix_seconds = 784'111'777};
  CHECK(log_line(entry, log_format::plain, true, end) ==
        "1994-11-06T08:49:37Z 127.0.0.1:5000 \"GET / HTTP/1.1\" 200 12 1.234s complete\n");
  CHECK(log_line(entry, log_format::plain, false, end).ends_with(" cut off\n"));
  CHECK(log_line(entry, log_format::common, true, end) ==
        "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] \"GET / HTTP/1.1\" 200 12\n");
  CHECK(log_line(entry, log_format::combined, true, end) ==
        "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] \"GET / HTTP/1.1\" 200 12 \"-\" \"a\\\"b\"\n");
  log_entry other = entry;
  other.peer = endpoint::loopback_v6(5000);
  other.body_bytes = 0;
  CHECK(log_line(other, log_format::common, true, end).starts_with("::1 - - ["));
  CHECK(log_line(other, log_format::common, true, end).ends_with(" 200 -\n"));
  log_entry socket = entry;
  socket.end = "closed 1001";
  CHECK(log_line(socket, log_format::plain, true, end).ends_with(" 1.234s closed 1001\n"));
}

}  // namespace
