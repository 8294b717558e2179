#include "http1_chunk_extension.hpp"

#include "http1_grammar.hpp"

namespace drywire::http1 {

namespace {

// quoted-pair, RFC 9110 5.6.4; qdtext is the same without '"' and '\'.
bool may_be_quoted(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= ' ' && byte != 0x7F);
}

}  // namespace

bool chunk_extension::feed(const_bytes bytes) noexcept {
  for (const char c : as_text(bytes)) {
    part_ = behind(part_, c);
    if (part_ == part::wrong) return false;
  }
  return true;
}

chunk_extension::part chunk_extension::behind(part p, char c) noexcept {
  switch (p) {
    case part::none: return c == ';' ? part::name_begin : part::none;
    case part::name_begin: return grammar::is_token_char(c) ? part::name : part::wrong;
    case part::name:
      if (c == '=') return part::value_begin;
      return grammar::is_token_char(c) ? part::name : behind_value(c);
    case part::value_begin:
      if (c == '"') return part::quoted;
      return grammar::is_token_char(c) ? part::value : part::wrong;
    case part::value: return grammar::is_token_char(c) ? part::value : behind_value(c);
    case part::quoted:
      if (c == '"') return part::quoted_end;
      if (c == '\\') return part::escaped;
      return may_be_quoted(c) ? part::quoted : part::wrong;
    case part::escaped: return may_be_quoted(c) ? part::quoted : part::wrong;
    case part::quoted_end: return behind_value(c);
    case part::wrong: break;
  }
  return part::wrong;
}

// Another extension, or the end of the line: whether that is whole is looked at by llhttp.
chunk_extension::part chunk_extension::behind_value(char c) noexcept {
  if (c == ';') return part::name_begin;
  return c == '\r' ? part::none : part::wrong;
}

}  // namespace drywire::http1
