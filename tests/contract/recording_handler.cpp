#include <drywire/contract/pattern.hpp>
#include <drywire/contract/recording_handler.hpp>

#include <utility>

namespace drywire::contract {

template <class Call>
auto recording_handler::watched(Call call) {
  ++calls_;
  struct leave {
    int& calls;
    ~leave() { --calls; }
  } const left{calls_};
  return call();
}

std::size_t recording_handler::write(std::string_view bytes) {
  const const_bytes piece = text_bytes(bytes);
  return write({&piece, 1});
}

std::size_t recording_handler::write(std::span<const const_bytes> pieces) {
  return watched([&] { return to->write(pieces); });
}

std::size_t recording_handler::fill() {
  const std::size_t before = filled;
  while (true) {
    const std::string much = pattern(std::size_t{256} * 1024, filled);
    const std::size_t accepted = write(much);
    filled += accepted;
    if (accepted < much.size()) return filled - before;
  }
}

void recording_handler::pause() {
  paused_ = true;
  watched([&] { to->pause_reading(); });
}

void recording_handler::resume() {
  paused_ = false;
  watched([&] { to->resume_reading(); });
}

void recording_handler::shutdown() {
  watched([&] { to->shutdown_write(); });
}

void recording_handler::close(duration flush_timeout) {
  closing_ = true;
  watched([&] { to->close(flush_timeout); });
}

void recording_handler::abort() {
  closing_ = true;
  watched([&] { to->abort(); });
}

int recording_handler::release() {
  const result<int> released = watched([&] { return to->release(); });
  if (!released) violations.emplace_back("release: " + std::string(released.error().name()));
  closing_ = true;
  return released ? *released : -1;
}

void recording_handler::forget() noexcept {
  then_open = nullptr;
  then_data = nullptr;
  then_eof = nullptr;
  then_writable = nullptr;
  then_closed = nullptr;
}

void recording_handler::told(const stream& s, char what, int& count) {
  ++count;
  order += what;
  const std::string_view call = what == 'o'   ? "on_open"
                                : what == 'd' ? "on_data"
                                : what == 'e' ? "on_eof"
                                : what == 'w' ? "on_writable"
                                              : "on_closed";
  const auto violated = [&](std::string_view rule) {
    violations.push_back(std::string(call) + ": " + std::string(rule));
  };
  if (ended() && (what != 'c' || closes > 1)) violated("after on_closed");
  if (to != nullptr && to != &s) violated("for another stream");
  if (calls_ != 0 && what != 'o') violated("within a member of the stream");
  if (paused_ && (what == 'd' || what == 'e')) violated("while paused");
  if (closing_ && what != 'c') violated("after close or abort");
  if (eofs != 0 && what == 'd') violated("behind the end");
  if (what == 'e' && eofs > 1) violated("twice");
}

void recording_handler::on_open(stream& s) noexcept {
  told(s, 'o', opens);
  if (then_open) then_open();
}

void recording_handler::on_data(stream& s, lent_buffer& lent) noexcept {
  told(s, 'd', datas);
  if (lent.bytes().empty()) violations.emplace_back("on_data: without bytes");
  received += lent.bytes().size();
  if (keeps_text) text += as_text(lent.bytes());
  if (then_data) then_data(lent);
}

void recording_handler::on_eof(stream& s) noexcept {
  told(s, 'e', eofs);
  if (then_eof) then_eof();
}

void recording_handler::on_writable(stream& s) noexcept {
  told(s, 'w', writables);
  if (then_writable) then_writable();
}

void recording_handler::on_closed(stream& s, error why) noexcept {
  told(s, 'c', closes);
  reason = why;
  to = nullptr;
  if (then_closed) then_closed();
}

}  // namespace drywire::contract
