#include "transfer.hpp"

#include <drywire/protocol/http1_client.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace drywire::tools {

namespace {

// 2 is what can't be done, 1 what went wrong on the way.
int status_of(http_end end) noexcept {
  switch (end) {
    case http_end::complete: return 0;
    case http_end::cancelled:
    case http_end::closed:
    case http_end::peer_error:
    case http_end::transport_failed:
    case http_end::call_timeout:
    case http_end::body_too_large:
    case http_end::coding_unsupported:
    case http_end::coding_broken:
    case http_end::coding_truncated:
    case http_end::coding_too_large:
    case http_end::too_many_redirects:
    case http_end::invalid_redirect: return 1;
    case http_end::invalid_url:
    case http_end::https_unsupported:
    case http_end::invalid_request:
    case http_end::too_many_waiting:
    case http_end::unresolved:
    case http_end::connect_failed:
    case http_end::connect_timeout:
    case http_end::source_failed:
    case http_end::https_redirect:
    case http_end::body_not_repeatable: return 2;
  }
  return 1;
}

std::string message_of(const http_outcome& how) {
  if (how.end != http_end::peer_error) return how.message();
  return how.message() + " (" + std::string(rfc_section(how.fault)) + ")";
}

// "HTTP/1.1 404 Not Found", with the server's reason.
std::string status_line(const http1::response_head& head) {
  std::string line =
      "HTTP/1." + std::to_string(head.minor_version) + " " + std::to_string(head.status) + " ";
  return line.append(head.reason);
}

std::string_view value_of(const http1::response_head& head, std::string_view name) noexcept {
  const http1::field* const f = head.find(name);
  return f == nullptr ? std::string_view() : f->value;
}

// The number behind `prefix` and before `end`, as in "bytes 100-199/200"; nothing if it isn't so.
std::optional<std::uint64_t> number_in(std::string_view text, std::string_view prefix,
                                       std::string_view end) noexcept {
  if (!text.starts_with(prefix)) return {};
  text.remove_prefix(prefix.size());
  std::uint64_t number = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc()) return {};
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  const bool right = end.empty() ? text.empty() : text.starts_with(end);
  return right ? std::optional(number) : std::nullopt;
}

}  // namespace

transfer::transfer(const get_flags& wanted, loop_core& core)
    : wanted_(wanted),
      output_(wanted.output),
      present_(wanted.resume ? output_.present() : 0),
      progress_(core) {
  if (wanted.events) events_.emplace(stderr, event_writer::form::text);
}

void transfer::tell(const http_request& request) {
  if (!events_) return;
  events_->event("request");
  events_->detail("method", request.method);
  events_->detail("url", request.url);
  for (const http1::field& f : request.fields) events_->detail(f.name, f.value);
  events_->end_line();
}

void transfer::on_informational(http_call& call, const http1::response_head& head) noexcept {
  if (events_) normalise(http1::client_event(http1::informational{&head, 1}), *events_);
  write_head(call, head);
}

void transfer::on_redirect(http_call& call, const http1::response_head& head,
                           std::string_view to) noexcept {
  if (events_) {
    normalise(http1::client_event(http1::response{&head, 1}), *events_);
    events_->event("redirect");
    events_->detail("to", to);
  }
  write_head(call, head);
}

void transfer::on_head(http_call& call, const http1::response_head& head) noexcept {
  if (events_) {
    normalise(http1::client_event(http1::response{&head, 1}), *events_);
    events_->end_line();
  }
  const bool may_be_whole = wanted_.resume && head.status == 416;
  if (wanted_.fail && head.status >= 400 && !may_be_whole) {
    return stop(call, 1, status_line(head));
  }
  if (!place(call, head)) return;
  begun_ = true;
  write_head(call, head);
  const bool decoded = wanted_.compressed && head.find("Content-Encoding") != nullptr;
  const bool counted = head.body == http1::framing::length && !decoded;
  if (!wanted_.output.empty() && !wanted_.events && !wanted_.head_only) {
    progress_.begin(present_,
                    counted ? std::optional(present_ + head.content_length) : std::nullopt);
  }
}

// Opens the output where the body of this response belongs. False if it belongs nowhere.
bool transfer::place(http_call& call, const http1::response_head& head) {
  const std::string_view range = value_of(head, "Content-Range");
  if (present_ != 0 && head.status == 416 && number_in(range, "bytes */", "") == present_) {
    stop(call, 0, "");  // All of it is there.
    return false;
  }
  if (wanted_.resume && head.status != 200) {
    const bool goes_on =
        head.status == 206 && present_ != 0 && number_in(range, "bytes ", "-") == present_;
    if (!goes_on) {
      stop(call, 1,
           status_line(head) + ": can't go on behind " + std::to_string(present_) + " bytes; " +
               wanted_.output + " is as it was");
      return false;
    }
    // A server may give less than was asked for, RFC 9110 15.3.7.
    whole_ = number_in(range.substr(std::min(range.rfind('/'), range.size())), "/", "");
  } else {
    present_ = 0;
  }
  return open(call, present_);
}

// Once: the heads of redirects may be in it already.
bool transfer::open(http_call& call, std::uint64_t offset) {
  if (opened_ || output_.begin(offset)) return opened_ = true;
  stop(call, 2, output_.name() + ": " + std::string(output_.why().message()));
  return false;
}

void transfer::on_body(http_call& call, const_bytes piece) noexcept {
  body_bytes_ += piece.size();
  progress_.add(piece.size());
  if (begun_) write(call, piece);
}

void transfer::on_trailers(http_call&, std::span<const http1::field> fields) noexcept {
  end_events();
  if (events_) normalise(http1::client_event(http1::trailers{fields}), *events_);
}

void transfer::on_end(http_call&, const http_outcome& how) noexcept {
  over_ = true;
  progress_.end();
  end_events();
  if (!stopped_) {
    status_ = status_of(how.end);
    if (!how.complete()) {
      why_ = message_of(how) + cut_off();
    } else if (whole_ && present_ + output_.written() < *whole_) {
      status_ = 1;
      why_ = "the server gave less than the rest" + cut_off();
    }
  }
  if (events_) {
    events_->event("end");
    events_->detail("how", why_.empty() ? to_string(http_end::complete) : why_);
    events_->end_line();
  }
}

// What a file that isn't whole has, and how to get the rest.
std::string transfer::cut_off() const {
  if (!begun_ || wanted_.output.empty()) return {};
  std::string text = "; " + output_.name() + " has the first " +
                     std::to_string(present_ + output_.written()) + " bytes";
  if (!wanted_.heads && !wanted_.compressed && wanted_.range.empty()) {
    text += ", --continue asks for the rest";
  }
  return text;
}

void transfer::write_head(http_call& call, const http1::response_head& head) {
  if (!wanted_.heads && !wanted_.head_only) return;
  if (!open(call, 0)) return;
  std::string text = status_line(head) + "\r\n";
  for (const http1::field& f : head.fields) {
    text.append(f.name).append(": ").append(f.value).append("\r\n");
  }
  write(call, text_bytes(text + "\r\n"));
}

void transfer::write(http_call& call, const_bytes bytes) {
  if (stopped_ || output_.write(bytes)) return;
  const bool reader_left = output_.why() == std::errc::broken_pipe;
  stop(call, reader_left ? 1 : 2,
       reader_left ? "" : output_.name() + ": " + std::string(output_.why().message()));
}

// The body as one line, however it came. Its bytes are on standard output, or in the file.
void transfer::end_events() {
  if (!events_ || body_bytes_ == 0) return;
  events_->event("body");
  events_->detail("bytes", std::to_string(body_bytes_));
  events_->end_line();
  body_bytes_ = 0;
}

// The first reason counts. The call is told to end, and does so in this turn.
void transfer::stop(http_call& call, int status, std::string why) {
  if (stopped_) return;
  stopped_ = true;
  status_ = status;
  why_ = std::move(why);
  static_cast<void>(call.cancel());
}

}  // namespace drywire::tools
