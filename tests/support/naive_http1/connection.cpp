// A connection's bytes, message by message.
#include "message.hpp"
#include "naive_http1.hpp"

#include <utility>

namespace drywire::naive {

namespace {

using http1::fault;

class connection_reader {
 public:
  connection_reader(const std::string& wire, bool clean) : left_(wire), clean_(clean) {}

 protected:
  /// The last event is one of these. If only because the input ends, a reset says so instead.
  void fail(const faults& wrong) {
    for (const fault f : wrong) {
      const bool ended =
          f == fault::truncated_head || f == fault::truncated_body || f == fault::unanswered;
      result_.last.insert(ended && !clean_ ? "transport failed" : std::string(to_string(f)));
    }
  }

  void tell_fields(const fields& all) {
    for (const field& f : all) result_.events.detail(f.name, f.value);
  }

  void tell_body(const std::string& data) {
    if (!data.empty()) result_.events.piece("body", text_bytes(data));
  }

  std::string take(std::size_t n) {
    std::string taken = left_.substr(0, n);
    left_.erase(0, n);
    return taken;
  }

  // RFC 9112 6.3 and 7.1. False: it was the last that is told.
  bool read_chunks(std::size_t head_fields, const http1::limits& limits) {
    const chunked_body b = read_chunked_body(left_, head_fields, limits);
    tell_body(b.data);
    if (!b.complete) {
      fail(b.wrong);
      return false;
    }
    take(b.size);
    if (b.trailers.empty()) return true;
    result_.events.event("trailers");
    tell_fields(b.trailers);
    return true;
  }

  bool read_length(std::uint64_t length, const http1::limits& limits) {
    if (length > limits.body_bytes_max) {
      fail({fault::content_too_large});
      return false;
    }
    const std::string data = take(length);
    tell_body(data);
    if (data.size() == length) return true;
    fail({fault::truncated_body});
    return false;
  }

  std::string left_;
  bool clean_;
  reading result_;
};

class request_reader : connection_reader {
 public:
  request_reader(const std::string& wire, const http1::limits& limits, bool clean)
      : connection_reader(wire, clean), limits_(limits) {}

  reading read() {
    while (skip_empty_lines() && read_request()) {
    }
    return result_;
  }

 private:
  // RFC 9112 2.2. False if no request follows.
  bool skip_empty_lines() {
    unsigned lines = 0;
    while (left_.starts_with("\r\n")) {
      if (++lines > limits_.empty_lines_max) {
        fail({fault::too_many_empty_lines});
        return false;
      }
      take(2);
    }
    if (left_.empty() || left_ == "\r") return false;
    if (tchar(left_[0])) return true;
    fail({left_[0] == '\r'   ? fault::bare_carriage_return
          : left_[0] == '\n' ? fault::bare_line_feed
                             : fault::not_a_request});
    return false;
  }

  // True if another one may follow.
  bool read_request() {
    const head h = read_request_head(left_, limits_);
    if (!h.complete || !h.wrong.empty()) {
      fail(h.wrong);
      return false;
    }
    take(h.size);
    tell(h);
    if (h.body == http1::framing::length && !read_length(h.length, limits_)) return false;
    if (h.body == http1::framing::chunked && !read_chunks(h.fields.size(), limits_)) return false;
    result_.events.event("request end");
    return h.keep_alive;
  }

  void tell(const head& h) {
    result_.events.event("request");
    result_.events.detail("method", h.method);
    result_.events.detail("target", h.target);
    result_.events.detail("version", h.version == 10 ? "HTTP/1.0" : "HTTP/1.1");
    tell_fields(h.fields);
    http1::request_head read;
    read.host = h.host;
    read.form = h.form;
    read.content_length = h.length;
    read.body = h.body;
    read.keep_alive = h.keep_alive;
    read.expects_continue = h.expects_continue;
    read.asks_upgrade = h.asks_upgrade;
    describe_reading(read, result_.events);
  }

  const http1::limits& limits_;
};

class response_reader : connection_reader {
 public:
  response_reader(const std::string& wire, const std::vector<std::string>& requests,
                  const http1::client_limits& limits, bool clean)
      : connection_reader(wire, clean), requests_(requests), limits_(limits) {}

  reading read() {
    for (const std::string& request : requests_) {
      if (!read_exchange(request)) return result_;
    }
    // RFC 9112 9.2: nobody asked for more.
    if (left_.empty()) {
      result_.events.event("peer closed");
    } else {
      fail({fault::unsolicited_response});
    }
    return result_;
  }

 private:
  // True if another one may follow.
  bool read_exchange(const std::string& request) {
    for (unsigned interim = 0;;) {
      if (left_.empty()) {
        fail({fault::unanswered});
        return false;
      }
      const head h = read_response_head(left_, request, limits_);
      if (!h.complete || !h.wrong.empty()) {
        fail(h.wrong);
        return false;
      }
      take(h.size);
      const bool tunnel = request == "CONNECT" && h.status / 100 == 2;
      if (h.status == 101 || tunnel) return switch_protocol(request, h);
      if (h.status / 100 != 1) return read_final(h);
      if (++interim > limits_.informational_max) {
        fail({fault::too_many_informational});
        return false;
      }
      tell("informational", h);
    }
  }

  // RFC 9110 7.8 and 9.3.6.
  bool switch_protocol(const std::string& request, const head& h) {
    if (request == "CONNECT" ? h.status != 101 : request == "UPGRADE" && h.version == 11) {
      tell("switched", h);
    } else {
      fail({fault::unasked_switch});
    }
    return false;
  }

  bool read_final(const head& h) {
    tell("response", h);
    if (h.body == http1::framing::length && !read_length(h.length, limits_)) return false;
    if (h.body == http1::framing::chunked && !read_chunks(h.fields.size(), limits_)) return false;
    if (h.body == http1::framing::close && !read_to_end()) return false;
    result_.events.event("response end");
    result_.events.detail("connection", h.keep_alive ? "goes on" : "ends");
    return h.keep_alive;
  }

  bool read_to_end() {
    const bool too_large = left_.size() > limits_.body_bytes_max;
    tell_body(take(too_large ? limits_.body_bytes_max : left_.size()));
    if (too_large) fail({fault::content_too_large});
    if (!too_large && !clean_) fail({fault::truncated_body});
    return !too_large && clean_;
  }

  void tell(std::string_view name, const head& h) {
    result_.events.event(name);
    result_.events.detail("status", std::to_string(1000 + h.status).substr(1));
    result_.events.detail("reason", h.reason);
    result_.events.detail("version", h.version == 10 ? "HTTP/1.0" : "HTTP/1.1");
    tell_fields(h.fields);
    http1::response_head read;
    read.content_length = h.length;
    read.body = h.body;
    read.keep_alive = h.keep_alive;
    describe_reading(read, result_.events);
  }

  const std::vector<std::string>& requests_;
  const http1::client_limits& limits_;
};

}  // namespace

reading read_requests(const std::string& wire, const http1::limits& limits, bool clean) {
  return request_reader(wire, limits, clean).read();
}

reading read_responses(const std::string& wire, const std::vector<std::string>& requests,
                       const http1::client_limits& limits, bool clean) {
  return response_reader(wire, requests, limits, clean).read();
}

}  // namespace drywire::naive
