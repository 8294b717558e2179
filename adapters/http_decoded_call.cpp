// The part of a call that its body's codings are undone for.
#include "http_client_connection.hpp"
#include "http_decoding.hpp"

#include <drywire/adapters/http_call.hpp>

#include <array>
#include <memory>

namespace drywire {

namespace {

http_outcome outcome_of(deflate::fault f) noexcept {
  switch (f) {
    case deflate::fault::truncated: return {.end = http_end::coding_truncated};
    case deflate::fault::ratio_exceeded:
    case deflate::fault::size_exceeded:
      return {.end = http_end::coding_too_large, .detail = to_string(f)};
    default: return {.end = http_end::coding_broken, .detail = to_string(f)};
  }
}

}  // namespace

bool http_call::begin_decoding(const http1::response_head& head) {
  if (!wants_decoded_) return true;
  if (decoding_ == nullptr) decoding_ = std::make_unique<http_decoding>();
  const deflate::limits limits{.output_bytes_max = body_bytes_max_,
                               .ratio_max = client_->options_.decoded_ratio_max};
  if (!decoding_->begin(head, client_->decoder_storage_, limits)) return false;
  decodes_ = decoding_->active();
  return true;
}

void http_call::take_body(const_bytes piece) {
  if (!decodes_) {
    handler_->on_body(*this, piece);
    return;
  }
  decoding_->feed(piece);
  deliver();
  if (open()) decoding_->keep_rest();
}

// Until all that came is decoded, or the call is held or ends.
void http_call::deliver() {
  std::array<std::byte, 16 * 1024> room;
  while (!held_ && later_ != later::end) {
    const std::size_t n = decoding_->decode(room);
    if (n != 0) handler_->on_body(*this, const_bytes(room).first(n));
    if (const auto fault = decoding_->failed(); fault && later_ != later::end) {
      client_->put_off(*this, outcome_of(*fault));
    }
    if (n == 0) return;
  }
}

// At the end of the turn in which a held call was resumed.
void http_call::go_on() {
  deliver();
  if (held_ || later_ != later::nothing) return;
  if (floats_) {
    end_body();
  } else if (connection_ != nullptr) {
    static_cast<void>(connection_->call().resume_body());
  }
}

void http_call::end_body() {
  if (!decodes_) {
    end({});
  } else if (decoding_->has_rest() || later_ == later::deliver) {
    client_->float_call(*this);
  } else if (const auto fault = decoding_->finish()) {
    end(outcome_of(*fault));
  } else {
    end({});
  }
}

}  // namespace drywire
