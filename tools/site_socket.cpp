#include "site_socket.hpp"

#include <string>
#include <utility>

namespace drywire::tools {

namespace {

// "closed 1000", "fault: too many pings", "aborted".
std::string end_of(const websocket_outcome& how) {
  if (how.end == websocket_end::closed) return "closed " + std::to_string(how.code);
  if (how.end == websocket_end::fault) return "fault: " + std::string(to_string(how.fault));
  return std::string(to_string(how.end));
}

}  // namespace

site_socket::site_socket(const socket_records& records, std::unique_ptr<log_entry> entry)
    : records_(records), entry_(std::move(entry)) {
  if (entry_) entry_->status = 101;
}

std::unique_ptr<log_entry> site_socket::discard() noexcept {
  auto entry = std::move(entry_);
  delete this;
  return entry;
}

void site_socket::count_received(std::size_t bytes, bool complete) noexcept {
  if (records_.counters == nullptr) return;
  records_.counters->message_bytes_received.add(bytes);
  if (complete) records_.counters->messages_received.add();
}

void site_socket::count_sent(std::size_t bytes, bool complete) noexcept {
  log_sent(bytes);
  if (records_.counters == nullptr) return;
  records_.counters->message_bytes_sent.add(bytes);
  if (complete) records_.counters->messages_sent.add();
}

void site_socket::close_unless(websocket_peer& peer, errc granted) noexcept {
  if (granted == errc::ok || granted == errc::out_of_turn) return;
  if (peer.close(websocket::close_code::internal_error) != errc::ok) {
    static_cast<void>(peer.abort());
  }
}

void site_socket::on_open(websocket_peer& peer) noexcept {
  begun_ = true;
  if (records_.counters != nullptr) records_.counters->connections.add();
  on_begin(peer);
}

void site_socket::on_closed(websocket_peer&, const websocket_outcome& how) noexcept {
  if (begun_) on_end();
  if (begun_ && records_.counters != nullptr) {
    records_.counters->connections_ended.add();
    if (how.end == websocket_end::fault) {
      records_.counters->peer_errors[static_cast<std::size_t>(how.fault)].add();
    }
  }
  if (entry_) {
    entry_->end = end_of(how);
    records_.log->write(*entry_, how.clean(), records_.loop.time());
  }
  delete this;
}

}  // namespace drywire::tools
