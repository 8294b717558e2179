#include "simulated_caller.hpp"

#include "reply_reader.hpp"

#include <drywire/base/bytes.hpp>

#include <algorithm>
#include <memory>
#include <string_view>

namespace drywire::tools {

namespace {

// Some pauses are longer than connections are kept, here or there.
constexpr std::size_t think_ms_max = 20'000;
constexpr std::size_t long_think_once_in = 8;
constexpr duration long_think = seconds(70);

constexpr std::size_t hold_once_in = 16;
constexpr std::size_t hold_ms_max = 5'000;
constexpr std::size_t cancel_once_in = 32;
constexpr std::size_t cancel_ms_max = 100;
constexpr std::size_t large_body_once_in = 32;

// A turn of a loop, and the callbacks in it.
constexpr duration granularity = milliseconds(10);

duration ms(std::size_t n) { return milliseconds(static_cast<std::int64_t>(n)); }

// The identity's bytes, as often as it is asked.
class identity_source final : public owned_body_source {
 public:
  identity_source(std::uint64_t identity, std::uint64_t size) noexcept
      : identity_(identity), size_(size) {}

  result pull(mutable_bytes to) noexcept override {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), size_ - position_));
    write_identity(reinterpret_cast<char*>(to.data()), n, identity_, position_);
    position_ += n;
    return {n, position_ == size_ ? state::end : state::more};
  }
  bool rewind() noexcept override {
    position_ = 0;
    return true;
  }

 private:
  std::uint64_t identity_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
};

}  // namespace

simulated_caller::simulated_caller(backend& loop, http_client& client, client_plan& plan,
                                   std::uint64_t number, std::uint64_t seed)
    : loop_(loop), client_(client), plan_(plan), number_(number), random_(seed) {
  plan_next(step::ask, ms(random_.below(think_ms_max)));
}

simulated_caller::~simulated_caller() {
  timer::cancel();
  if (call_) static_cast<void>(call_->abandon());
}

void simulated_caller::finish() noexcept {
  if (next_ == step::ask) timer::cancel();
}

void simulated_caller::check_patience() noexcept {
  if (calling_ && loop_.time().steady > due_ + granularity) violate("a call outlives its timeout");
}

void simulated_caller::plan_next(step what, duration pause) noexcept {
  next_ = what;
  loop_.core().arm(*this, loop_.time().steady + pause);
}

void simulated_caller::on_timer() noexcept {
  switch (next_) {
    case step::ask: return ask();
    case step::resume: return static_cast<void>(call_->resume());
    case step::cancel: cancelled_ = call_->cancel() == errc::ok; return;
  }
}

void simulated_caller::ask() {
  ++plan_.requests;
  identity_ = number_ << 32U | ++asked_;
  size_ = once_in(large_body_once_in) ? random_.below(200'000) : random_.below(2'000);
  position_ = 0;
  status_ = 200;
  calling_ = true;
  cancelled_ = false;
  const duration timeout = ms(20'000 + random_.below(60'000));
  due_ = loop_.time().steady + timeout;
  const std::string base = "http://10.0.0.1";
  const std::string generated = std::to_string(size_) + '/' + std::to_string(identity_);
  std::string url;
  std::string body;
  http_request request;
  request.timeout = timeout;
  switch (random_.below(5)) {
    case 0:
      url = base + "/absent/" + std::to_string(identity_);
      status_ = 404;
      break;
    case 1:
      url = base + "/echo";
      request.method = once_in(2) ? "PUT" : "POST";
      body.resize(size_);
      write_identity(body.data(), body.size(), identity_, 0);
      request.body = body;
      break;
    case 2:
      url = base + "/echo";
      request.method = once_in(2) ? "PUT" : "POST";
      request.source = std::make_unique<identity_source>(identity_, size_);
      if (once_in(2)) request.source_length = size_;
      break;
    case 3: url = base + "/chunked/" + generated; break;
    default: url = base + "/generated/" + generated; break;
  }
  request.url = url;
  call_ = client_.start(std::move(request), *this);
  if (once_in(cancel_once_in)) plan_next(step::cancel, ms(random_.below(cancel_ms_max)));
}

void simulated_caller::on_head(http_call& call, const http1::response_head& head) noexcept {
  // A server that is tired of a request that comes slowly says so; what follows isn't looked at.
  if (head.status == 408 && plan_.losses_excused) {
    status_ = 408;
    return;
  }
  if (head.status != status_) violate("status " + std::to_string(head.status));
  const http1::field* const identity = head.find("X-Identity");
  if (identity != nullptr && identity->value != std::to_string(identity_)) {
    violate("the response to another request");
  }
  if (timer::armed() || !once_in(hold_once_in)) return;
  if (call.hold() == errc::ok) plan_next(step::resume, ms(random_.below(hold_ms_max)));
}

void simulated_caller::on_body(http_call&, const_bytes piece) noexcept {
  if (status_ != 200) return;
  for (const char c : as_text(piece)) {
    if (c == identity_byte(identity_, position_++)) continue;
    return violate("a wrong byte at " + std::to_string(position_ - 1));
  }
}

void simulated_caller::on_end(http_call&, const http_outcome& how) noexcept {
  if (!calling_) violate("a call ends twice");
  calling_ = false;
  check_patience();
  if (loop_.time().steady > due_ + granularity) violate("a call ends behind its timeout");
  how.complete() ? check_complete() : check_incomplete(how);
  const bool long_one = once_in(long_think_once_in);
  timer::cancel();
  if (!plan_.over) plan_next(step::ask, long_one ? long_think : ms(random_.below(think_ms_max)));
}

void simulated_caller::check_complete() noexcept {
  ++plan_.replies;
  if (status_ == 200 && position_ != size_) {
    violate(std::to_string(position_) + " bytes of " + std::to_string(size_) +
            " pass for the whole");
  }
}

void simulated_caller::check_incomplete(const http_outcome& how) noexcept {
  if (how.end == http_end::cancelled) {
    ++plan_.abandoned;
    if (!cancelled_) violate("a call is cancelled by nobody");
    return;
  }
  ++plan_.cut_off;
  const bool named = how.end == http_end::connect_failed || how.end == http_end::connect_timeout ||
                     how.end == http_end::peer_error || how.end == http_end::transport_failed ||
                     how.end == http_end::call_timeout;
  if (!named || !plan_.losses_excused) violate("a call fails: " + how.message());
}

void simulated_caller::violate(const std::string& what) noexcept {
  plan_.violate("client " + std::to_string(number_), what);
}

}  // namespace drywire::tools
