#include <drywire/adapters/coroutine/transport.hpp>

#include <array>
#include <cassert>
#include <cerrno>

namespace drywire::co {

// transport

transport::transport(stream& from) noexcept : stream_(&from) {
  from.pause_reading();
  from.set_handler(*this);
}

transport::transport(transport&& other) noexcept
    : stream_(std::exchange(other.stream_, nullptr)), death_(other.death_) {
  if (stream_ != nullptr) stream_->set_handler(*this);
}

transport& transport::operator=(transport&& other) noexcept {
  std::swap(stream_, other.stream_);
  std::swap(death_, other.death_);
  if (stream_ != nullptr) stream_->set_handler(*this);
  if (other.stream_ != nullptr) other.stream_->set_handler(other);
  return *this;
}

transport::~transport() {
  if (stream_ == nullptr) return;
  stream_->set_handler(stream::ignoring_handler());
  stream_->abort();
}

stream* transport::release() noexcept {
  stream* const released = std::exchange(stream_, nullptr);
  if (released != nullptr) {
    released->set_handler(stream::ignoring_handler());
    released->resume_reading();
  }
  return released;
}

void transport::on_closed(stream&, error why) noexcept {
  stream_ = nullptr;
  death_ = why;
}

// connecting

connecting::~connecting() {
  if (stream_ != nullptr) withdraw();
}

void connecting::withdraw() noexcept {
  stream_->set_handler(stream::ignoring_handler());
  std::exchange(stream_, nullptr)->abort();
}

void connecting::on_open(stream& opened) noexcept {
  stream_ = nullptr;
  opened_ = transport(opened);
  complete();
}

void connecting::on_closed(stream&, error why) noexcept {
  stream_ = nullptr;
  failure_ = why;
  complete();
}

result<transport> connecting::result() noexcept {
  if (!opened_ && !failure_) failure_ = opened_.death() ? opened_.death() : error(ECONNABORTED);
  if (failure_) return failure_;
  return std::move(opened_);
}

// The listener's handler. It lives as long as its owner, the loop's listener, or an accept() that
// nobody has awaited yet.
class listener::acceptor final : public accept_handler {
 public:
  void attach(drywire::listener& to) noexcept {
    to_ = &to;
    retain();
  }
  // From here on there is nothing to accept.
  void close() noexcept {
    while (size_ != 0) static_cast<void>(pop());
    closed_ = true;
    if (waiting_ != nullptr) waiting_->come();
    if (to_ != nullptr) to_->close();
  }

  void retain() noexcept { ++holders_; }
  void release() noexcept {
    if (--holders_ == 0) delete this;
  }
  // Whether there is a stream, or may be one.
  [[nodiscard]] bool open() const noexcept { return size_ != 0 || !closed_; }

  [[nodiscard]] bool ready() const noexcept { return size_ != 0 || closed_; }
  [[nodiscard]] transport pop() noexcept {
    transport first = std::move(streams_[first_]);
    first_ = (first_ + 1) % waiting_max;
    --size_;
    return first;
  }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  void set_waiting(accepting* who) noexcept {
    assert((who == nullptr || waiting_ == nullptr) && "two accept() at a time");
    waiting_ = who;
  }

 private:
  void on_accept(drywire::listener&, stream& accepted) noexcept override {
    if (closed_ || size_ == waiting_max) return;  // It is left without a handler: dropped.
    streams_[(first_ + size_++) % waiting_max] = transport(accepted);
    if (waiting_ != nullptr) waiting_->come();
  }
  void on_listener_closed(drywire::listener&) noexcept override {
    to_ = nullptr;
    closed_ = true;
    if (waiting_ != nullptr) waiting_->come();
    release();
  }

  drywire::listener* to_ = nullptr;  // until it has closed
  std::size_t holders_ = 0;
  std::array<transport, waiting_max> streams_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  accepting* waiting_ = nullptr;
  bool closed_ = false;
};

listener::listener(backend& loop) noexcept : loop_(loop) {}

listener::~listener() { close(); }

result<endpoint> listener::listen(const endpoint& where, const listen_options& options) {
  if (std::exchange(has_listened_, true)) return error(EALREADY);
  const counted_handle<acceptor> made(*new acceptor);
  const result<drywire::listener*> listening = loop_.listen(where, *made, options);
  if (!listening) {
    has_listened_ = false;
    return listening.error();
  }
  acceptor_ = made;
  acceptor_->attach(**listening);
  return (*listening)->local();
}

void listener::close() noexcept {
  if (const auto closing = std::exchange(acceptor_, {})) closing->close();
}

listener::accepting listener::accept() noexcept { return accepting(acceptor_); }

// accepting

listener::accepting::accepting(counted_handle<acceptor> from) noexcept : from_(std::move(from)) {}

listener::accepting::accepting(accepting&& unawaited) noexcept = default;

listener::accepting::~accepting() {
  if (known_) withdraw();
}

bool listener::accepting::ready() noexcept {
  if (!from_) return true;
  return from_->ready() && waiting().by().spend_step();
}

void listener::accepting::start() noexcept {
  from_->set_waiting(this);
  known_ = true;
  if (!from_->ready()) return;
  come_ = true;
  complete_later();
}

void listener::accepting::stay() noexcept {
  if (!from_) return;
  from_->set_waiting(this);
  known_ = come_ = true;
}

void listener::accepting::withdraw() noexcept {
  known_ = false;
  from_->set_waiting(nullptr);
}

void listener::accepting::come() noexcept {
  if (!std::exchange(come_, true)) complete();
}

result<transport> listener::accepting::result() noexcept {
  if (known_) withdraw();
  if (!from_ || from_->empty()) return error(ECANCELED);
  return from_->pop();
}

}  // namespace drywire::co
