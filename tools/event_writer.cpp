#include "event_writer.hpp"

namespace drywire::tools {

void event_writer::event(std::string_view name) {
  end_line();
  within_ = within::event;
  if (form_ == form::json) {
    put(R"({"event":")");
    put_escaped(name);
    put("\"");
  } else {
    put(name);
  }
}

void event_writer::detail(std::string_view key, std::string_view value) {
  if (form_ == form::json) {
    put(within_ == within::details ? R"(,[")" : R"(,"details":[[")");
    put_escaped(key);
    put(R"(",")");
    put_escaped(value);
    put("\"]");
  } else {
    put(" ");
    put(key);
    put("=\"");
    put_escaped(value);
    put("\"");
  }
  within_ = within::details;
}

void event_writer::piece(std::string_view name, const_bytes bytes) {
  if (within_ != within::bytes || piece_ != name) {
    event(name);
    put(form_ == form::json ? R"(,"bytes":")" : " \"");
    within_ = within::bytes;
    piece_ = name;
  }
  put_escaped(as_text(bytes));
}

void event_writer::end_line() {
  if (within_ == within::nothing) return;
  if (within_ == within::bytes) put("\"");
  if (form_ == form::json) put(within_ == within::details ? "]}" : "}");
  put("\n");
  within_ = within::nothing;
}

void event_writer::flush() {
  end_line();
  std::fflush(out_);
}

void event_writer::put_escaped(std::string_view bytes) {
  static constexpr char hex[] = "0123456789abcdef";
  for (const char c : bytes) {
    const auto u = static_cast<unsigned char>(c);
    switch (c) {
      case '\n': put("\\n"); break;
      case '\r': put("\\r"); break;
      case '\t': put("\\t"); break;
      case '"': put("\\\""); break;
      case '\\': put("\\\\"); break;
      default:
        if (u >= 0x20 && u <= 0x7e) {
          put({&c, 1});
        } else {
          put(form_ == form::json ? "\\u00" : "\\x");
          const char digits[] = {hex[u >> 4], hex[u & 15]};
          put({digits, 2});
        }
    }
  }
}

}  // namespace drywire::tools
