#include "http1_random_messages.hpp"

#include <algorithm>

namespace http1_test {

std::string random_messages::requests() {
  std::string all = request();
  for (std::size_t more = below(3); more > 0; --more) all += request();
  return hit(all);
}

std::string random_messages::responses() {
  std::string all = response();
  for (std::size_t more = below(3); more > 0; --more) all += response();
  return hit(all);
}

std::string random_messages::request() {
  std::string all = mostly({"", "\r\n", "\r\n\r\n\r\n\r\n\r\n", "\n"});
  const std::string method =
      below(2) == 0 ? "GET"
                    : one_of({"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "PATCH",
                              "M-SEARCH", "QUERY", "DESCRIBE", "PRI", "get", "GETX"});
  all += method + mostly({" ", "  ", "\t", ""});
  if (method == "CONNECT") {
    all += mostly({"a:1", "a", "[::1]:443", "a:", "a:65536", "/"});
  } else if (method == "OPTIONS") {
    all += mostly({"*", "/", "*a", "http://a"});
  } else {
    all += mostly({"/", "/a?b=c&d", "http://a/", "http://a:80?x", "HTTP://[::1]", "a+b://c/", "/#",
                   "//", "http:///", "http://x@a/", "*", "urn:a", "/a|b{\"}\\^`", "http://a_b/",
                   "http://a%41/", "http://a%4/", "http://a:x/", "?", "a"});
  }
  all += mostly({" ", "  ", "", "\t"});
  all += mostly({"HTTP/1.1", "HTTP/1.0", "HTTP/1.1", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "HTTP/1.",
                 "HTTP/11", "http/1.1", "RTSP/1.0", "HTTP/1.1 ", ""});
  all += mostly({"\r\n", "\n", "\r", "\r\r\n"});
  all += mostly({"Host: a\r\n", "", "Host:\r\n", "Host: a\r\nHost: a\r\n", "host: a:80\r\n",
                 "Host: [::1]:80\r\n", "Host: a b\r\n", "Host: a:b\r\n", "Host: x@a\r\n"});
  return all + field_lines() + framing_and_body();
}

std::string random_messages::response() {
  std::string all = mostly({"HTTP/1.1", "HTTP/1.0", "HTTP/1.1", "HTTP/1.2", "HTTP/2.0", "http/1.1",
                            "ICY", "HTTP/1.", "HTTP/0.9"});
  all += mostly({" ", "  ", "\t", ""});
  all += mostly({"200", "100", "103", "101", "204", "304", "404", "600", "099", "20", "2000"});
  all += mostly({" OK", "", " ", "  ", " a\tb", "\tOK", " \xe4", " \x01"});
  all += mostly({"\r\n", "\n", "\r", "\r\r\n"});
  return all + field_lines() + framing_and_body();
}

std::string random_messages::field_lines() {
  std::string all;
  for (std::size_t n = below(4); n > 0; --n) {
    all += one_of({"X: y\r\n", "X:\t y \t\r\n", "X:\r\n", "Connection: close\r\n",
                   "Connection: keep-alive\r\n", "Connection: x, Upgrade\r\n", "Upgrade: x\r\n",
                   "Expect: 100-continue\r\n", "TE: trailers\r\n", "!#$%&'*+-.^_`|~: \xff\r\n",
                   "Connection: ,close,\r\n", "Connection: closed\r\n", "Cookie: a\r\n"});
    if (below(24) != 0) continue;
    all += one_of({"X : y\r\n", " X: y\r\n", "X: y\r\n z\r\n", "X\r\n", ": y\r\n", "X: \x01\r\n",
                   "X: y\n", "X: y\r", "X(: y\r\n", "Expect: x\r\n", "X: \x7f\r\n", "\x80: y\r\n",
                   "Connection: \x01\r\n", "Upgrade: \r\n", "Proxy-Connection: close\r\n"});
  }
  return all;
}

std::string random_messages::framing_and_body() {
  switch (below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: return "\r\n";
    case 4:
    case 5:
    case 6:
    case 7: {
      const std::string data = letters(250);
      return "Content-Length: " + std::to_string(data.size()) + "\r\n\r\n" + data;
    }
    case 8:
      return std::string(one_of({"Content-Length: 1, 1", "Content-Length: +1", "Content-Length:",
                                 "Content-Length: 1\r\nContent-Length: 1", "Content-Length: 1 ",
                                 "Content-Length: 18446744073709551616", "Content-Length: 01",
                                 "Content-Length: 1\r\nTransfer-Encoding: chunked",
                                 "Transfer-Encoding: chunked\r\nContent-Length: 1",
                                 "Content-Length : 1", "Content-Length: 1\t", "Content-Length: 1x",
                                 "Content-Length: 0x1", "Content-Length: 18446744073709551615"})) +
             "\r\n\r\nx";
    default: break;
  }
  return mostly({"Transfer-Encoding: chunked\r\n\r\n", "transfer-encoding:CHUNKED\r\n\r\n",
                 "Transfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding: gzip\r\n\r\n",
                 "Transfer-Encoding: chunked, gzip\r\n\r\n", "Transfer-Encoding:\r\n\r\n",
                 "Transfer-Encoding: ,chunked\r\n\r\n", "Transfer-Encoding: chunked,\r\n\r\n",
                 "Transfer-Encoding: chunked;a=b\r\n\r\n", "Transfer-Encoding: chunked \r\n\r\n",
                 "Transfer-Encoding: chunked\t\r\n\r\n", "Transfer-Encoding: xchunked\r\n\r\n",
                 "Transfer-Encoding: gzip;a=\",\", chunked\r\n\r\n",
                 "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"}) +
         chunks();
}

std::string random_messages::chunks() {
  std::string all;
  const auto ending = [&] {
    return std::string(mostly({"\r\n", "\r\n", "\r\n", ";a\r\n", ";a=b\r\n", ";a=\"b;\\\"\"\r\n",
                               ";a=\r\n", ";\r\n", " \r\n", ";a =b\r\n", "\n", "\r", "; a\r\n",
                               ";a;b=c\r\n", ";a=\"\r\n", ";=b\r\n", ";a=\"b\"c\r\n"}));
  };
  for (std::size_t n = below(4); n > 0; --n) {
    const std::string data = letters(20) + 'z';
    static constexpr char digits[] = "0123456789abcdef";
    const std::size_t size = below(64) == 0 ? data.size() + 1 : data.size();
    all += below(8) == 0 ? "00" : "";
    all += {digits[size / 16], digits[size % 16]};
    all += ending() + data + mostly({"\r\n", "\r\n", "\r\n", "\n", "", "\r"});
  }
  all += mostly({"0", "000", "", "g", "0x0", "-1", "FFFFFFFFFFFFFFFF", "10000000000000000"});
  all += ending();
  for (std::size_t n = below(3) * below(2); n > 0; --n) {
    all += one_of({"X: y\r\n", "Host: a\r\n", "Y:\r\n", "Content-Length: 1\r\n", "X : y\r\n",
                   "Transfer-Encoding: x\r\n", "Cookie: x\r\n", "X: y\r\n z\r\n", "X: y\n",
                   "Connection: close\r\n", "Trailer: X\r\n"});
  }
  return all + "\r\n";
}

std::string random_messages::letters(std::size_t most) {
  std::string all(below(most), 'a');
  for (char& c : all) c = static_cast<char>('a' + below(26));
  return all;
}

// Sometimes: a byte less, more or another, bytes twice, or an early end.
std::string random_messages::hit(std::string message) {
  static constexpr char bytes[] = "\r\n\t :;,=\"/?#%[]09aAzZ\0\x01\x7f\x80\xff";
  for (std::size_t n = below(2) * below(3); n > 0 && !message.empty(); --n) {
    const std::size_t at = below(message.size());
    const char byte = bytes[below(sizeof bytes - 1)];
    switch (below(8)) {
      case 0: message.erase(at, 1); break;
      case 1:
      case 2: message.insert(at, 1, byte); break;
      case 3: message.insert(at, message.substr(at, below(40))); break;
      case 4: message.resize(at); break;
      case 5: message.insert(at, below(400), 'x'); break;
      default: message[at] = byte; break;
    }
  }
  return message;
}

}  // namespace http1_test
