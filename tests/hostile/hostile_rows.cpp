#include "hostile_rows.hpp"

#include <filesystem>

namespace drywire::traffic {

namespace {

using namespace std::string_literals;
using kind = step::kind;
using end = hostile_row::end;

// A request without and with a body, each with one more piece of head.
std::string get(const std::string& fields) {
  return "GET /hello.txt HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}
std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}
std::string last_get(const std::string& target, const std::string& fields = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields + "\r\n";
}
std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

class table {
 public:
  table() {
    framing();
    lines_and_fields();
    chunks();
    versions_and_methods();
    hosts_and_targets();
    too_much();
    too_slow();
    other_protocols();
    truncated();
    ways_out();
  }

  std::vector<hostile_row> rows;

 private:
  void refuse(const std::string& name, const std::string& bytes, unsigned status,
              end how = end::closed) {
    rows.push_back({name, {{kind::send, bytes}}, {status}, how});
  }
  // The reply has begun when the fault comes.
  void cut_off(const std::string& name, const std::string& bytes) {
    rows.push_back({name, {{kind::send, bytes}}, {200}, end::closed, true});
  }
  void then_half_close(const std::string& name, const std::string& bytes, unsigned status) {
    rows.push_back({name, {{kind::send, bytes}, {kind::half_close}}, {status}});
  }

  // RFC 9112 6: whoever disagrees with a proxy on where a request ends, serves a smuggler.
  void framing() {
    const std::string te = "Transfer-Encoding: chunked\r\n";
    refuse("Content-Length and Transfer-Encoding", post("Content-Length: 4\r\n" + te, "0\r\n\r\n"),
           400);
    refuse("Transfer-Encoding and Content-Length", post(te + "Content-Length: 4\r\n", "0\r\n\r\n"),
           400);
    refuse("two different Content-Length",
           post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400);
    refuse("two equal Content-Length", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
           400);
    refuse("a list in Content-Length", post("Content-Length: 3, 3\r\n", "abc"), 400);
    refuse("a sign in Content-Length", post("Content-Length: +3\r\n", "abc"), 400);
    refuse("a negative Content-Length", post("Content-Length: -3\r\n", "abc"), 400);
    refuse("hexadecimal Content-Length", post("Content-Length: 0x3\r\n", "abc"), 400);
    refuse("Content-Length over 64 bits", post("Content-Length: 18446744073709551619\r\n", "abc"),
           400);
    refuse("an empty Content-Length", post("Content-Length:\r\n", "abc"), 400);
    refuse("Transfer-Encoding: xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
           400);
    refuse("Transfer-Encoding: gzip, chunked",
           post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501);
    refuse("Transfer-Encoding: chunked, identity",
           post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400);
    refuse("Transfer-Encoding: chunked, chunked",
           post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400);
    refuse("Transfer-Encoding: \"chunked\"",
           post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 400);
    refuse("a vertical tab before chunked", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"),
           400);
    refuse("chunked in HTTP/1.0",
           "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
  }

  void lines_and_fields() {
    refuse("bare LF behind the request line", "GET /hello.txt HTTP/1.1\nHost: a\r\n\r\n", 400);
    refuse("bare LF behind a field", "GET /hello.txt HTTP/1.1\r\nHost: a\n\r\n", 400);
    refuse("bare CR in a field", get("X: a\rTransfer-Encoding: chunked\r\n"), 400);
    refuse("bare CR at the end of the head", "GET /hello.txt HTTP/1.1\r\nHost: a\r\n\rX", 400);
    refuse("obs-fold", get("X: a\r\n b\r\n"), 400);
    refuse("a fold before the first field", "GET /hello.txt HTTP/1.1\r\n Host: a\r\n\r\n", 400);
    refuse("space before the colon", get("Content-Length : 3\r\n"), 400);
    refuse("NUL in a value", get("X: a\0b\r\n"s), 400);
    refuse("NUL in a name", get("X\0Y: a\r\n"s), 400);
    refuse("a control character in a value", get("X: a\x01\r\n"), 400);
    refuse("an empty name", get(": a\r\n"), 400);
    refuse("a space in a name", get("X Y: a\r\n"), 400);
    refuse("a line without a colon", get("nothing\r\n"), 400);
    refuse("an unknown expectation", get("Expect: a miracle\r\n"), 417);
  }

  void chunks() {
    refuse("a chunk size over 64 bits", chunked("10000000000000000\r\nabc"), 400);
    refuse("garbage for a chunk size", chunked("zz\r\nabc\r\n0\r\n\r\n"), 400);
    refuse("a signed chunk size", chunked("+3\r\nabc\r\n0\r\n\r\n"), 400);
    refuse("0x before a chunk size", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400);
    refuse("an empty chunk size", chunked("\r\nabc\r\n0\r\n\r\n"), 400);
    refuse("bare LF behind a chunk size", chunked("3\nabc\r\n0\r\n\r\n"), 400);
    refuse("a chunk extension of 200 KB", chunked("3;" + std::string(200'000, 'x') + "\r\nabc"),
           400, end::flooded);
    cut_off("a chunk that is longer than its size", chunked("3\r\nabcd\r\n0\r\n\r\n"));
    cut_off("Content-Length in the trailers",
            chunked("3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n"));
    cut_off("trailers of 100 KB", chunked("3\r\nabc\r\n0\r\nX: " + std::string(100'000, 'x')));
  }

  void versions_and_methods() {
    refuse("HTTP/0.9", "GET /hello.txt\r\n\r\n", 400);
    refuse("HTTP/0.9 with a body", "POST /echo HTTP/0.9\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
           505);
    refuse("HTTP/2.0 on a request line", "GET /hello.txt HTTP/2.0\r\nHost: a\r\n\r\n", 505);
    refuse("a version of two digits", "GET /hello.txt HTTP/1.10\r\nHost: a\r\n\r\n", 400);
    refuse("the version in small letters", "GET /hello.txt http/1.1\r\nHost: a\r\n\r\n", 400);
    refuse("an unknown method", "BREW /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n", 501);
    refuse("a method in small letters", "get /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n", 501);
    rows.push_back({"a good request, then garbage",
                    {{kind::send, get("") + "GET nonsense\r\n\r\n"}},
                    {200, 400}});
  }

  void hosts_and_targets() {
    refuse("no Host", "GET /hello.txt HTTP/1.1\r\n\r\n", 400);
    refuse("two Host", get("Host: b\r\n"), 400);
    refuse("two equal Host", get("Host: a\r\n"), 400);
    refuse("a Host with a space", "GET /hello.txt HTTP/1.1\r\nHost: a b\r\n\r\n", 400);
    refuse("a space in the target", "GET /hello txt HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    refuse("an asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    refuse("a target without a slash", "GET hello.txt HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  }

  void too_much() {
    refuse("a field of 10 MB", get("X: " + std::string(10'000'000, 'x') + "\r\n"), 431,
           end::flooded);
    refuse("100,000 fields", get(repeated("X: y\r\n", 100'000)), 431, end::flooded);
    refuse("101 fields", get(repeated("X: y\r\n", 100)), 431);
    refuse("a target of 100 KB",
           "GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, end::flooded);
    refuse("a hundred empty lines", repeated("\r\n", 100), 400);
    refuse("10 MB that end no line", std::string(10'000'000, 'G'), 501, end::flooded);
  }

  // hostile_limits() says how slow that is.
  void too_slow() {
    rows.push_back({"silence", {}, {}});
    rows.push_back({"a head byte by byte, too slowly", {{kind::send_slowly, get(""), 100}}, {408}});
    rows.push_back({"half a head, then silence", {{kind::send, "GET / HTTP/1.1\r\nHo"}}, {408}});
    rows.push_back(
        {"half a body, then silence", {{kind::send, post("Content-Length: 10\r\n", "")}}, {408}});
    const std::string big = "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n";
    rows.push_back({"a client that doesn't read",
                    {{kind::stop_reading}, {kind::send, repeated(big, 1000)}},
                    {},
                    end::reset});
  }

  void other_protocols() {
    refuse("a TLS hello on the plain port",
           "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s + std::string(500, '\x7f'), 400);
    refuse("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
    refuse("binary data", std::string(1000, '\0'), 400);
    refuse("a SOCKS greeting", "\x05\x01\x00"s, 400);
  }

  void truncated() {
    then_half_close("a truncated head", "GET /hello.txt HTTP/1.1\r\nHost: a\r\n", 400);
    then_half_close("a body truncated at its beginning", post("Content-Length: 10\r\n", ""), 400);
    then_half_close("a chunked body truncated at its beginning", chunked(""), 400);
    rows.push_back({"a truncated body",
                    {{kind::send, post("Content-Length: 10\r\n", "abc")}, {kind::half_close}},
                    {200},
                    end::closed,
                    true});
    rows.push_back({"a truncated chunked body",
                    {{kind::send, chunked("3\r\nabc\r\n")}, {kind::half_close}},
                    {200},
                    end::closed,
                    true});
    rows.push_back({"a connection without a byte", {{kind::half_close}}, {}});
    rows.push_back({"a reset within the head",
                    {{kind::send, "GET / HTTP/1.1\r\nHo"}, {kind::reset}},
                    {},
                    end::abandoned});
    rows.push_back({"a reset within the body",
                    {{kind::send, post("Content-Length: 10\r\n", "")}, {kind::reset}},
                    {},
                    end::abandoned});
  }

  // secret.txt lies beside the folder, and a link in it leads there.
  void ways_out() {
    refuse("out by ..", last_get("/../secret.txt"), 404);
    refuse("out by .. in the middle", last_get("/folder/../../secret.txt"), 404);
    refuse("out by an encoded ..", last_get("/%2e%2E/secret.txt"), 404);
    refuse("out by an encoded slash", last_get("/..%2fsecret.txt"), 404);
    refuse("out by .. encoded twice", last_get("/%252e%252e/secret.txt"), 404);
    refuse("out by a link", last_get("/link/secret.txt"), 404);
    refuse("an encoded NUL", last_get("/hello.txt%00.html"), 404);
    refuse("a broken escape", last_get("/%zz"), 404);
    refuse("out by a backslash", last_get("/..\\secret.txt"), 404);
    refuse("out by an encoded backslash", last_get("/..%5csecret.txt"), 404);
    refuse("out by overlong UTF-8", last_get("/%c0%ae%c0%ae/secret.txt"), 404);
    refuse("out by an absolute target", last_get("http://a/../secret.txt"), 404);
    refuse("out by an absolute target's link", last_get("http://a/link/secret.txt"), 404);
    refuse("out by a doubled slash", last_get("//secret.txt"), 404);
    refuse("a path of many parts", last_get("/" + repeated("a/", 3000)), 404);
    refuse("a name of 4,000 bytes", last_get("/" + std::string(4000, 'n')), 404);
    refuse("the listing of a link", last_get("/link/"), 404);
    refuse("a gzipped file that is a link out",
           last_get("/linked.txt", "Accept-Encoding: gzip\r\n"), 200);
    refuse("a gzipped file that is a link out, itself", last_get("/linked.txt.gz"), 404);
    refuse("a thousand ranges",
           last_get("/hello.txt", "Range: bytes=0-" + repeated(",0-", 1000) + "\r\n"), 200);
  }
};

std::string listed(const std::vector<unsigned>& statuses) {
  std::string all;
  for (const unsigned s : statuses) all += (all.empty() ? "" : " ") + std::to_string(s);
  return all.empty() ? "nothing" : all;
}

bool ends_as(end wanted, conversation::end how) noexcept {
  switch (wanted) {
    case end::closed: return how == conversation::end::closed;
    case end::flooded: return how == conversation::end::closed || how == conversation::end::reset;
    case end::reset: return how == conversation::end::reset;
    case end::abandoned: return how == conversation::end::abandoned;
  }
  return false;
}

// "abc" came back by /echo, but neither a last chunk nor a second half.
bool looks_complete(const std::string& received) {
  return received.ends_with("\r\n0\r\n\r\n") || received.find("\r\n\r\n") == std::string::npos;
}

}  // namespace

const std::vector<hostile_row>& hostile_rows() {
  static const table all;
  return all.rows;
}

arguments hostile_limits() {
  arguments all{"--list", "--gzip-static"};
  for (const char* limit : {"head-timeout=1s", "idle-timeout=3s", "body-timeout=1s",
                            "write-timeout=1s", "linger-timeout=1s"}) {
    all.insert(all.end(), {"--limit", limit});
  }
  return all;
}

void write_hostile_site(const temporary_folder& root) {
  root.write("site/hello.txt", "hello\n");
  root.write("site/folder/index.html", "<p>folder\n");
  root.write("site/big.bin", std::string(4'000'000, 'b'));
  root.write("secret.txt", "secret\n");
  std::filesystem::create_directory_symlink("..", root.path() + "/site/link");
  root.write("site/linked.txt", "linked\n");
  std::filesystem::create_symlink("../secret.txt", root.path() + "/site/linked.txt.gz");
}

std::string check_row(std::uint16_t port, const hostile_row& row) {
  const conversation talk = converse(port, row.script);
  if (!ends_as(row.how, talk.how)) return std::string("the end was: ") + to_string(talk.how);
  const std::vector<unsigned> statuses = statuses_in(talk.received);
  if (statuses != row.statuses) return "replies: " + listed(statuses);
  if (row.cut_off && looks_complete(talk.received)) return "the reply looks complete";
  if (talk.received.find("secret") != std::string::npos) return "it tells the secret";
  return {};
}

}  // namespace drywire::traffic
