#include "section.hpp"

namespace drywire::naive {

using http1::fault;

bool before_line_end(char c) { return c != '\r' && c != '\n'; }

bool CRLF(text& t, fault otherwise, faults& wrong) {
  if (t.eat("\r\n")) return true;
  if (t.eat("\n")) {
    wrong.insert(fault::bare_line_feed);
  } else if (t.eat("\r")) {
    if (!t.end()) wrong.insert(fault::bare_carriage_return);
  } else if (!t.end()) {
    wrong.insert(otherwise);
  }
  return false;
}

namespace {

// field-line = field-name ":" OWS field-value OWS; true if another one may follow.
bool field_line(text& t, section& s) {
  if (t.front_is(SP_or_HTAB)) {
    s.wrong.insert(fault::obsolete_line_folding);
    return false;
  }
  const match name = token(t);
  if (!name || !t.eat(":")) {
    const bool blank = name && t.front_is(SP_or_HTAB);
    if (t.eat("\n")) {
      s.wrong.insert(fault::bare_line_feed);
    } else if (!t.end()) {
      s.wrong.insert(blank ? fault::whitespace_before_colon : fault::invalid_field_name);
    }
    return false;
  }
  // field-value = *field-content
  const std::string value = t.eat_all([](char c) { return SP_or_HTAB(c) || field_vchar(c); });
  const bool fine = CRLF(t, fault::invalid_field_value, s.wrong);
  const bool odd = value.ends_with('\t') || s.wrong.contains(fault::invalid_field_value);
  s.fields.push_back({*name, trimmed(value), odd});
  return fine;
}

}  // namespace

section read_section(text& t) {
  section s;
  do {
    if (t.eat("\r\n")) {
      s.complete = true;
      return s;
    }
    if (t.front_is([](char c) { return c == '\r'; })) {
      CRLF(t, fault::invalid_field_name, s.wrong);
      return s;
    }
  } while (field_line(t, s));
  return s;
}

}  // namespace drywire::naive
