#include "http1_writer.hpp"

#include "http1_grammar.hpp"
#include "http1_response_head.hpp"

#include <algorithm>

namespace drywire::http1 {

void response_writer::begin(const request_head& head) noexcept {
  state_ = state::open;
  framing_ = body_end::none;
  source_ = nullptr;
  closes_ = false;
  silent_ = head.method == "HEAD";
  to_old_ = head.minor_version == 0;
  to_connect_ = head.form == target_form::authority;
  persists_ = to_old_ && head.keep_alive;
}

void response_writer::end() noexcept {
  state_ = state::closed;
  silent_ = false;
}

errc response_writer::respond(const wish::respond& r, bool close) noexcept {
  if (state_ != state::open) return errc::out_of_turn;
  plan p{.close = close};
  if (const errc e = plan_head(r.status, r.fields, r.reason, p); e != errc::ok) return e;
  if (is_bodyless(r.status) && !r.body.empty()) return errc::invalid_argument;
  // To HEAD, and in a 304, a declared length is that of the body that isn't there.
  const bool absent = r.body.empty() && (silent_ || r.status == 304);
  if (!absent && p.length && *p.length != r.body.size()) return errc::invalid_argument;
  p.framing = body_end::length;
  if (!absent) p.length = r.body.size();
  const const_bytes body = silent_ ? const_bytes{} : r.body;
  const bool stable = r.body_lifetime == lifetime::stable;
  if (const errc e = admit(p.bytes + (stable ? 0 : body.size())); e != errc::ok) return e;
  text_run out(queue_);
  write_head(p, r.fields, out);
  if (!body.empty()) {
    out.flush();
    out.note(queue_.add(body, r.body_lifetime));
  }
  if (const errc e = out.finish(); e != errc::ok) return e;
  commit(p);
  state_ = state::complete;
  return errc::ok;
}

errc response_writer::start(const wish::start_response& r, bool close) noexcept {
  if (state_ != state::open) return errc::out_of_turn;
  plan p{.close = close};
  if (const errc e = plan_head(r.status, r.fields, r.reason, p); e != errc::ok) return e;
  if (const errc e = choose_framing(r.length, p); e != errc::ok) return e;
  if (const errc e = admit(p.bytes); e != errc::ok) return e;
  text_run out(queue_);
  write_head(p, r.fields, out);
  if (const errc e = out.finish(); e != errc::ok) return e;
  commit(p);
  left_ = p.length.value_or(0);
  state_ = state::body;
  return errc::ok;
}

errc response_writer::inform(unsigned status, field_list fields) noexcept {
  if (state_ != state::open) return errc::out_of_turn;
  if (status < 100 || status > 199) return errc::invalid_argument;
  if (status == 101 || to_old_) return errc::operation_not_supported;
  plan p{.status = status, .reason = reason_of(status), .has_date = true};
  for (const field& f : fields) {
    if (const errc e = read_field(f, p); e != errc::ok) return e;
  }
  if (p.length || p.close) return errc::invalid_argument;
  if (const errc e = admit(p.bytes); e != errc::ok) return e;
  text_run out(queue_);
  write_head(p, fields, out);
  return out.finish();
}

errc response_writer::switch_protocols(const request_head& request, field_list fields,
                                       bool continue_first) noexcept {
  if (state_ != state::open) return errc::out_of_turn;
  if (!to_connect_ && !request.asks_upgrade) return errc::out_of_turn;
  plan p{.status = to_connect_ ? 200U : 101U, .has_date = !to_connect_};
  p.reason = reason_of(p.status);
  for (const field& f : fields) {
    if (const errc e = read_field(f, p); e != errc::ok) return e;
  }
  if (p.length || p.close || p.has_upgrade == to_connect_) return errc::invalid_argument;
  if (!to_connect_ && !offers_all(request, fields)) return errc::invalid_argument;
  if (const errc e = admit(p.bytes); e != errc::ok) return e;
  text_run out(queue_);
  if (continue_first) out.put("HTTP/1.1 100 Continue\r\n\r\n");
  write_head(p, fields, out);
  if (const errc e = out.finish(); e != errc::ok) return e;
  commit(p);
  state_ = state::complete;
  return errc::ok;
}

errc response_writer::refuse(fault what) noexcept {
  plan p{.status = status_of(what), .framing = body_end::length, .close = true};
  p.reason = reason_of(p.status);
  const std::string_view words = to_string(what);
  p.length = words.size() + 1;
  text_run out(queue_);
  const field type{"Content-Type", "text/plain"};
  write_head(p, std::span(&type, 1), out);
  if (!silent_) {
    out.put(words);
    out.put("\n");
  }
  const errc result = out.finish();
  if (result == errc::ok) state_ = state::complete;
  return result;
}

void response_writer::set_time(std::int64_t unix_seconds) noexcept {
  if (has_date_ && date_second_ == unix_seconds) return;
  has_date_ = true;
  has_date_text_ = false;
  date_second_ = unix_seconds;
}

void response_writer::commit(const plan& p) noexcept {
  framing_ = p.framing;
  closes_ = p.close;
}

}  // namespace drywire::http1
