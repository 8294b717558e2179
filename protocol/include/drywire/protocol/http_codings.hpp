// Which content codings a client takes, RFC 9110 12.5.3. Pure functions.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <optional>
#include <string_view>

namespace drywire::http {

/// The weight, 0 to 1000, that the Accept-Encoding fields give to `coding`, by its name or by an
/// asterisk; 0 refuses it. Empty when they don't say: then only "identity" may be used without a
/// risk. x-gzip is another name of gzip. Of an element that is listed twice the first counts, and
/// one with a weight that is none counts not at all.
[[nodiscard]] std::optional<unsigned> coding_weight(http1::field_list fields,
                                                    std::string_view coding) noexcept;

}  // namespace drywire::http
