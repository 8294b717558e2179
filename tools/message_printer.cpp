#include "message_printer.hpp"

namespace drywire::tools {

namespace {

constexpr char hex[] = "0123456789abcdef";

bool is_control(unsigned char u) noexcept { return u < 0x20 || u == 0x7F; }

}  // namespace

const_bytes message_printer::print(const websocket::message& piece) {
  if (form_ == form::raw) return piece.bytes;
  line_.clear();
  if (piece.first) at_start_ = true;
  if (piece.kind == websocket::kind::text) {
    add_text(as_text(piece.bytes));
  } else {
    if (piece.first) line_ += "\\x";
    add_hex(piece.bytes);
  }
  if (piece.last) line_ += '\n';
  return text_bytes(line_);
}

void message_printer::add_text(std::string_view text) {
  if (at_start_ && !text.empty()) {
    if (text[0] == '\t' || text[0] == '\\') line_ += '\\';
    at_start_ = false;
  }
  for (const char c : text) {
    if (c == '\n') {
      line_ += "\n\t";
    } else if (form_ == form::terminal) {
      add_visibly(c);
    } else {
      line_ += c;
    }
  }
}

// U+0080 to U+009F, which are 0xC2 and a byte, command terminals, too.
void message_printer::add_visibly(char c) {
  const auto u = static_cast<unsigned char>(c);
  if (held_) {
    held_ = false;
    if (u < 0xA0) {
      add_hex_escape(u);
      return;
    }
    line_ += '\xC2';
  }
  if (u == 0xC2) {
    held_ = true;
  } else if (is_control(u) && c != '\t') {
    add_hex_escape(u);
  } else {
    line_ += c;
  }
}

void message_printer::add_hex_escape(unsigned char u) {
  line_ += "\\x";
  line_ += hex[u >> 4];
  line_ += hex[u & 15];
}

void message_printer::add_hex(const_bytes bytes) {
  for (const std::byte b : bytes) {
    const auto u = static_cast<unsigned char>(b);
    line_ += hex[u >> 4];
    line_ += hex[u & 15];
  }
}

}  // namespace drywire::tools
