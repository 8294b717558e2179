#include "http1_request_writer.hpp"

#include "http1_grammar.hpp"

#include <optional>

namespace drywire::http1 {

namespace {

// What a head has besides its fields, method, target and host, generously: spaces, version,
// framing, Connection.
constexpr std::size_t head_bytes_fixed = 128;

// Their content means something, so that its absence is said, RFC 9110 8.6.
bool expects_content(std::string_view method) noexcept {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

// RFC 9110 9.3.6 and 9.3.8.
bool forbids_content(std::string_view method) noexcept {
  return method == "CONNECT" || method == "TRACE";
}

}  // namespace

// What a head will say.
struct request_writer::plan {
  std::string_view method;
  std::string_view target;
  std::string_view host = {};
  std::optional<std::uint64_t> length = {};  // declared by a field at first, then to be sent
  body_end framing = body_end::length;
  bool has_host = false;
  bool has_upgrade = false;
  bool has_te = false;
  bool expects_continue = false;
  bool close = false;
  std::size_t bytes = head_bytes_fixed;  // at most
};

errc request_writer::send_request(const wish::send_request& r) noexcept {
  plan p{.method = r.method, .target = r.target};
  if (const errc e = plan_head(r.method, r.target, r.fields, p); e != errc::ok) return e;
  if (p.length && *p.length != r.body.size()) return errc::invalid_argument;
  if (forbids_content(r.method) && (p.length || !r.body.empty())) return errc::invalid_argument;
  // RFC 9110 10.1.1: no expectation without content.
  if (p.expects_continue && r.body.empty()) return errc::invalid_argument;
  if (!r.body.empty() || expects_content(r.method)) p.length = r.body.size();
  const bool stable = r.body_lifetime == lifetime::stable;
  if (const errc e = admit(p.bytes + (stable ? 0 : r.body.size())); e != errc::ok) return e;
  text_run out(queue_);
  write_head(p, r.fields, out);
  out.flush();
  const std::size_t head_end = queue_.size();
  if (!r.body.empty()) out.note(queue_.add(r.body, r.body_lifetime));
  if (const errc e = out.finish(); e != errc::ok) return e;
  commit(p, head_end);
  state_ = state::complete;
  return errc::ok;
}

errc request_writer::start(const wish::start_request& r) noexcept {
  plan p{.method = r.method, .target = r.target};
  if (const errc e = plan_head(r.method, r.target, r.fields, p); e != errc::ok) return e;
  if (forbids_content(r.method)) return errc::invalid_argument;
  if (r.length && p.length && *r.length != *p.length) return errc::invalid_argument;
  if (r.length) p.length = r.length;
  if (p.expects_continue && p.length == 0U) return errc::invalid_argument;
  if (!p.length) p.framing = body_end::chunks;
  // RFC 9112 6.1: not to a peer that is known for not understanding it.
  if (!p.length && to_old_) return errc::operation_not_supported;
  if (const errc e = admit(p.bytes); e != errc::ok) return e;
  text_run out(queue_);
  write_head(p, r.fields, out);
  if (const errc e = out.finish(); e != errc::ok) return e;
  commit(p, queue_.size());
  left_ = p.length.value_or(0);
  state_ = state::body;
  return errc::ok;
}

errc request_writer::plan_head(std::string_view method, std::string_view target, field_list fields,
                               plan& p) noexcept {
  if (!grammar::is_token(method)) return errc::invalid_argument;
  const auto form = grammar::parse_target(method, target);
  if (!form) return errc::invalid_argument;
  for (const field& f : fields) {
    if (const errc e = read_field(f, p); e != errc::ok) return e;
  }
  if (const errc e = check_host(form->authority, p); e != errc::ok) return e;
  p.bytes += method.size() + target.size() + p.host.size();
  return errc::ok;
}

// Checks one field of the application's, and takes from it what is the machine's to say.
errc request_writer::read_field(const field& f, plan& p) noexcept {
  if (!grammar::is_token(f.name) || !grammar::is_field_text(f.value)) return errc::invalid_argument;
  p.bytes += f.name.size() + f.value.size() + field_bytes_fixed;
  const auto is = [&f](std::string_view name) { return equal_ignoring_case(f.name, name); };
  const auto only = [&f](std::string_view value) {
    return equal_ignoring_case(f.value, value) ? errc::ok : errc::invalid_argument;
  };
  switch (f.name.size()) {
    case 2:
      if (!is("TE")) return errc::ok;
      p.has_te = true;
      return only("trailers");  // nothing else is decoded here, RFC 9112 7.4
    case 4:
      if (!is("Host")) return errc::ok;
      if (p.has_host) return errc::invalid_argument;
      p.has_host = true;
      p.host = grammar::trim(f.value);
      return errc::ok;
    case 6:
      if (!is("Expect")) return errc::ok;
      p.expects_continue = true;
      return only("100-continue");
    case 7:
      if (is("Upgrade")) p.has_upgrade = true;
      return errc::ok;
    case 10:
      if (!is("Connection")) return errc::ok;
      p.close = true;
      return only("close");
    case 14:
      if (!is("Content-Length")) return errc::ok;
      if (p.length) return errc::invalid_argument;
      p.length = grammar::parse_decimal(f.value);
      return p.length ? errc::ok : errc::invalid_argument;
    case 17: return is("Transfer-Encoding") ? errc::invalid_argument : errc::ok;
    default: return errc::ok;
  }
}

// RFC 9112 3.2: Host is there, and is the target's authority if that has one.
errc request_writer::check_host(std::string_view authority, plan& p) noexcept {
  if (!authority.empty()) {
    if (p.has_host && !equal_ignoring_case(p.host, authority)) return errc::invalid_argument;
    p.host = authority;
    return errc::ok;
  }
  return p.has_host && grammar::is_host(p.host) ? errc::ok : errc::invalid_argument;
}

void request_writer::write_head(const plan& p, field_list fields, text_run& out) noexcept {
  char digits[20];
  out.put(p.method);
  out.put(" ");
  out.put(p.target);
  out.put(" HTTP/1.1\r\n");
  out.put_field("Host", p.host);  // first, RFC 9110 7.2
  for (const field& f : fields) {
    const bool ours = (f.name.size() == 4 && equal_ignoring_case(f.name, "Host")) ||
                      (f.name.size() == 14 && equal_ignoring_case(f.name, "Content-Length")) ||
                      (f.name.size() == 10 && equal_ignoring_case(f.name, "Connection"));
    if (!ours) out.put_field(f.name, f.value);
  }
  if (p.framing == body_end::chunks) {
    out.put("Transfer-Encoding: chunked\r\n");
  } else if (p.length) {
    out.put_field("Content-Length", write_number(digits, *p.length, 10));
  }
  write_connection(p, out);
  out.put("\r\n");
}

// RFC 9110 7.6.1: what holds for this connection alone is named here, Upgrade and TE too.
void request_writer::write_connection(const plan& p, text_run& out) noexcept {
  if (!p.has_upgrade && !p.has_te && !p.close) return;
  std::string_view before = "Connection: ";
  const auto put = [&](bool said, std::string_view option) {
    if (!said) return;
    out.put(before);
    out.put(option);
    before = ", ";
  };
  put(p.has_upgrade, "upgrade");
  put(p.has_te, "TE");
  put(p.close, "close");
  out.put("\r\n");
}

void request_writer::commit(const plan& p, std::size_t head_end) noexcept {
  const bool connect = p.method == "CONNECT";
  framing_ = p.framing;
  source_ = nullptr;
  last_ = {.head_end = head_end,
           .with = connect              ? asked_with::connect
                   : p.method == "HEAD" ? asked_with::head
                                        : asked_with::any,
           .may_switch = connect || p.has_upgrade,
           .expects_continue = p.expects_continue,
           .close = p.close};
}

}  // namespace drywire::http1
