#include "simulated_client.hpp"

#include <drywire/base/bytes.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

namespace drywire::tools {

namespace {

// Most pauses are shorter than the server's idle timeout, a few are longer.
constexpr std::size_t think_ms_min = 30'000;
constexpr std::size_t think_ms_max = 60'000;
constexpr std::size_t long_think_once_in = 32;
constexpr duration long_think = seconds(75);

// The server's is a minute, from when it has written a reply; a slow reader sees it seconds later.
constexpr duration nearly_idle_timeout = seconds(50);

constexpr duration reply_patience = seconds(300);

// Of requests, or of bursts of them.
constexpr std::size_t burst_once_in = 8;
constexpr std::size_t burst_max = 6;
constexpr std::size_t slow_sender_once_in = 64;
constexpr std::size_t slow_reader_once_in = 32;
constexpr std::size_t very_slow_reader_once_in = 16;  // of the slow ones
constexpr std::size_t abort_once_in = 128;
constexpr std::size_t half_close_once_in = 64;
constexpr std::size_t large_body_once_in = 256;

constexpr std::string_view behind_target = " HTTP/1.1\r\nHost: simulated\r\n";

duration ms(std::size_t n) { return milliseconds(static_cast<std::int64_t>(n)); }

}  // namespace

simulated_client::simulated_client(backend& loop, client_plan& plan, std::uint64_t number,
                                   std::uint64_t seed)
    : loop_(loop), plan_(plan), number_(number), random_(seed) {
  plan_next(step::ask, ms(random_.below(think_ms_max)));
}

void simulated_client::finish() noexcept {
  timer::cancel();
  excused_ = true;
  if (stream_ != nullptr) stream_->close(seconds(60));
}

void simulated_client::plan_next(step what, duration pause) noexcept {
  next_ = what;
  loop_.core().arm(*this, loop_.time().steady + pause);
}

void simulated_client::think() noexcept {
  const duration pause = once_in(long_think_once_in)
                             ? long_think
                             : ms(think_ms_min + random_.below(think_ms_max - think_ms_min));
  plan_next(step::ask, pause);
}

void simulated_client::on_timer() noexcept {
  switch (next_) {
    case step::ask: return stream_ == nullptr ? connect() : ask();
    case step::go_on_sending: return push();
    case step::go_on_reading: return stream_->resume_reading();
  }
}

void simulated_client::check_patience() noexcept {
  if (stream_ == nullptr || timer::armed()) return;
  if (loop_.time().steady - waits_since_ < reply_patience) return;
  if (!plan_.losses_excused && !excused_) violate("waits for a reply in vain");
  ++plan_.abandoned;
  excused_ = true;
  stream_->abort();
}

void simulated_client::connect() noexcept {
  ++plan_.connects;
  excused_ = half_closed_ = slow_ = false;
  replies_.reset(plan_.losses_excused);
  unsent_.clear();
  sent_ = 0;
  stream_ = &loop_.connect(plan_.server, *this);
  waits_since_ = loop_.time().steady;
}

void simulated_client::on_open(stream&) noexcept {
  replied_ = loop_.time().steady;
  ask();
}

void simulated_client::ask() {
  unsent_.clear();
  sent_ = 0;
  const std::size_t count = once_in(burst_once_in) ? 2 + random_.below(burst_max - 1) : 1;
  for (std::size_t i = 0; i != count; ++i) add_request();
  late_ = loop_.time().steady - replied_ > nearly_idle_timeout;
  slow_ = once_in(slow_sender_once_in);
  waits_since_ = loop_.time().steady;
  push();
  if (stream_ != nullptr) misbehave();
}

void simulated_client::add_request() {
  ++plan_.requests;
  const std::uint64_t identity = number_ << 32 | ++asked_;
  const std::size_t size = size_of_body();
  switch (random_.below(4)) {
    case 0:
      replies_.expect({identity, 404, 0, false});
      unsent_ += "GET /absent/";
      add_number(identity);
      break;
    case 1: {
      const bool chunked = once_in(2);
      replies_.expect({identity, 200, size, true});
      unsent_ += "POST /echo";
      unsent_ += behind_target;
      unsent_ += chunked ? "Transfer-Encoding: chunked" : "Content-Length: ";
      if (!chunked) add_number(size);
      unsent_ += "\r\n\r\n";
      return add_body(identity, size, chunked);
    }
    default:
      replies_.expect({identity, 200, size, true});
      unsent_ += once_in(4) ? "GET /chunked/" : "GET /generated/";
      add_number(size);
      unsent_ += '/';
      add_number(identity);
  }
  unsent_ += behind_target;
  unsent_ += "\r\n";
}

void simulated_client::add_number(std::uint64_t n, int base) {
  char digits[20];
  unsent_.append(digits, std::to_chars(digits, std::end(digits), n, base).ptr);
}

std::size_t simulated_client::size_of_body() noexcept {
  return once_in(large_body_once_in) ? random_.below(200'000) : random_.below(1'000);
}

void simulated_client::add_body(std::uint64_t identity, std::size_t size, bool chunked) {
  std::size_t done = 0;
  while (done != size) {
    const std::size_t n = chunked ? 1 + random_.below(size - done) : size;
    if (chunked) {
      add_number(n, 16);
      unsent_ += "\r\n";
    }
    const std::size_t begin = unsent_.size();
    unsent_.resize(begin + n);
    write_identity(unsent_.data() + begin, n, identity, done);
    if (chunked) unsent_ += "\r\n";
    done += n;
  }
  if (chunked) unsent_ += "0\r\n\r\n";
}

// A slow one sends a piece a second or so: longer than that in all, and the server's patience ends.
void simulated_client::push() noexcept {
  if (half_closed_) return;
  std::string_view rest = std::string_view(unsent_).substr(sent_);
  if (slow_ && rest.size() > 40) rest = rest.substr(0, std::max<std::size_t>(20, rest.size() / 3));
  if (!rest.empty()) {
    const const_bytes piece = text_bytes(rest);
    sent_ += stream_->write({&piece, 1});
  }
  if (slow_ && sent_ != unsent_.size()) {
    plan_next(step::go_on_sending, ms(100 + random_.below(900)));
  }
}

// Once for each burst, when it has begun to leave.
void simulated_client::misbehave() noexcept {
  if (once_in(slow_reader_once_in) && !slow_) {
    const bool very = once_in(very_slow_reader_once_in);
    excused_ = excused_ || very;  // the server's write timeout
    stream_->pause_reading();
    return plan_next(step::go_on_reading, very ? seconds(45) : ms(random_.below(5'000)));
  }
  if (once_in(half_close_once_in) && sent_ == unsent_.size()) {
    half_closed_ = true;
    return stream_->shutdown_write();
  }
  if (once_in(abort_once_in)) {
    ++plan_.abandoned;
    excused_ = true;
    stream_->abort();
  }
}

void simulated_client::on_data(stream& s, lent_buffer& lent) noexcept {
  const std::uint64_t before = replies_.complete();
  const bool good = replies_.receive(as_text(lent.bytes()));
  plan_.replies += replies_.complete() - before;
  if (!good) {
    violate(replies_.wrong());
    excused_ = true;
    return s.abort();
  }
  if (replies_.waiting() != 0) return;
  replied_ = loop_.time().steady;
  if (!replies_.closing() && !half_closed_) return think();
  excused_ = true;
  s.close(seconds(60));
}

// A server that is tired of an idle connection may have closed before our request came there: then
// no reply has begun.
bool simulated_client::may_end() const noexcept {
  if (replies_.waiting() == 0 || excused_ || replies_.timed_out() || plan_.losses_excused) {
    return true;
  }
  return late_ && !replies_.within_reply();
}

void simulated_client::on_eof(stream& s) noexcept {
  if (!may_end()) violate("a connection ends before the last byte of a reply");
  if (replies_.waiting() != 0) ++plan_.cut_off;
  replies_.reset(true);
  excused_ = true;
  s.close(seconds(60));
}

void simulated_client::on_closed(stream&, error reason) noexcept {
  stream_ = nullptr;
  if (!may_end()) violate("a connection ends before a reply: " + std::string(reason.name()));
  if (reason && replies_.waiting() != 0) ++plan_.cut_off;
  timer::cancel();
  if (!plan_.over) think();
}

void simulated_client::violate(const std::string& what) noexcept {
  plan_.violate("client " + std::to_string(number_), what);
}

}  // namespace drywire::tools
