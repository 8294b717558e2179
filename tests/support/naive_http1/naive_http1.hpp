// A deliberately naive parser of HTTP/1.1, the other opinion that ours is compared with.
//
// It is written straight from RFC 9112, 9110 and 3986, has the whole of a connection's bytes at
// once, and knows nothing of ours but the names of the faults, the limits, and where docs/http1.md
// says that we are looser or stricter. It says what it read in the words of normalise(), with a
// head's reading behind them.
#pragma once

#include <drywire/protocol/http1.hpp>
#include <drywire/testkit/trace.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::naive {

struct reading {
  testkit::trace events;
  /// If it isn't empty, one more event comes, the last: "peer error" with one of these faults in
  /// words, or "transport failed".
  std::set<std::string> last;
};

/// What a server tells that answers each request when it is complete. `clean`: a FIN is behind the
/// bytes, else a reset.
[[nodiscard]] reading read_requests(const std::string& wire, const http1::limits& limits,
                                    bool clean);

/// What a client tells that makes these requests, each when the one before is over: GET, HEAD,
/// CONNECT, or UPGRADE, which is a GET with Upgrade.
[[nodiscard]] reading read_responses(const std::string& wire,
                                     const std::vector<std::string>& requests,
                                     const http1::client_limits& limits, bool clean);

/// How a head is to be read, for the trace of either: its authority, what delimits the body ...
template <class Head>
void describe_reading(const Head& head, testkit::trace& trace) {
  static constexpr std::string_view framings[] = {"none", "length", "chunked", "close"};
  trace.detail("(body)", framings[static_cast<unsigned>(head.body)]);
  if (head.body == http1::framing::length) {
    trace.detail("(length)", std::to_string(head.content_length));
  }
  trace.detail("(connection)", head.keep_alive ? "goes on" : "ends");
}
inline void describe_reading(const http1::request_head& head, testkit::trace& trace) {
  static constexpr std::string_view forms[] = {"origin", "absolute", "authority", "asterisk"};
  trace.detail("(host)", head.host);
  trace.detail("(form)", forms[static_cast<unsigned>(head.form)]);
  if (head.expects_continue) trace.detail("(expects)", "100");
  if (head.asks_upgrade) trace.detail("(asks)", "upgrade");
  describe_reading<http1::request_head>(head, trace);
}

}  // namespace drywire::naive
