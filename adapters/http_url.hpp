// URIs in strings: what protocol/http_uri has for memory of a fixed size.
#pragma once

#include <drywire/protocol/http_uri.hpp>

#include <string>
#include <string_view>

namespace drywire {

/// host[:port] in lower case, as Host has it and origins are told apart by. Precondition: the
/// scheme is none of the others.
void append_authority(const http::uri& url, std::string& to);

/// http::resolve_reference() with its preconditions.
[[nodiscard]] std::string resolve_reference(std::string_view base, std::string_view reference);

}  // namespace drywire
