// An HTTP/1.1 client on any loop: calls, on connections that are kept and used again.
//
//   drywire::http_client client(*loop);
//   client.fetch({.url = "http://127.0.0.1:8080/"}, 1 << 20, [](const drywire::http_answer& a) {
//     std::printf("%u, %zu bytes\n", a.status, a.body.size());
//   });
//
// What it promises, and its limits with their reasons: docs/client.md.
#pragma once

#include <drywire/adapters/http_call.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/adapters/resolver.hpp>
#include <drywire/loop/backend.hpp>
#include <drywire/protocol/http1_client.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace drywire {

struct http_client_options {
  http1::client_limits limits = {};
  /// To one host and port at a time; other calls wait. As many as browsers open.
  std::size_t connections_per_origin_max = 6;
  /// Of all origins together, with those that are still closing.
  std::size_t connections_max = 256;
  /// Unused connections that are kept; the one that was idle for longest goes first.
  std::size_t idle_connections_max = 32;
  /// Calls that wait for a connection; more end with too_many_waiting.
  std::size_t calls_waiting_max = 1024;
  /// Of a URL, also of a redirect's.
  std::size_t url_bytes_max = 8 * 1024;
  /// Of the body of a redirect that is followed: cheaper to read than a new connection.
  std::size_t redirect_body_bytes_max = 64 * 1024;
  /// Blocks of http1::client::block_bytes, for responses in progress and queued output.
  std::size_t blocks_max = 1024;
  /// Bodies that are decoded at a time, 40 KiB each.
  std::size_t decoded_bodies_max = 64;
  /// Decoded bytes for each encoded one, of bodies over 1 MiB: twice what text reaches, and a
  /// tenth of what deflate can.
  std::uint32_t decoded_ratio_max = 100;
  /// To look a name up and to connect to one of its addresses; each gets an equal part of what is
  /// left. Three tries of a SYN fit, which are 1 and 3 seconds apart.
  duration connect_timeout = seconds(10);
  /// For the last bytes and the FIN of a connection that ends to be acknowledged.
  duration close_timeout = seconds(2);
  /// Looks names up; outlives the client. Without one only numeric hosts have an address.
  resolver* names = nullptr;
  /// Every connection goes here, whatever host and port the URL names, and nothing is looked up:
  /// for servers in the Unix domain.
  std::optional<endpoint> connect_to = {};
};

/// One thread, the loop's. The loop outlives it.
class http_client final : private turn_end {
 public:
  /// Up to six words of captures.
  using answer_callback = inplace_function<void(const http_answer&), 6 * sizeof(void*)>;

  explicit http_client(backend& loop, const http_client_options& options = {});
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  /// Calls in progress are told `closed`, connections are aborted. Precondition: not from within a
  /// callback of its calls; nothing is started from those that it causes.
  ~http_client() override;

  /// Begins. Every outcome, an invalid request too, comes later, through `handler`. `handler` lives
  /// until its on_end.
  ///
  /// A request that came to nothing because a connection that was used before had just ended is
  /// sent a second time, on a new one: an idempotent one if no byte of a response came, RFC 9112
  /// 9.3.1, any if not a byte of it had left.
  http_call_handle start(http_request request, http_call_handler& handler);

  /// The same; the response is collected, up to `body_bytes_max` bytes of its body, and given to
  /// `on_answer` in the end.
  http_call_handle fetch(http_request request, std::size_t body_bytes_max,
                         answer_callback on_answer);

  /// Graceful end: nothing new begins (`closed`), calls in progress and those that wait finish,
  /// connections close as they become idle. Then nothing of it keeps the loop running. No effect
  /// the second time.
  void close() noexcept;

  /// Connections now: being made, in use, idle, closing.
  [[nodiscard]] std::size_t connections() const noexcept { return connection_count_; }
  [[nodiscard]] std::size_t idle_connections() const noexcept { return idle_count_; }
  /// Calls that wait for a connection.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_count_; }

 private:
  friend class http_call;
  friend class http_client_connection;
  friend class http_origin;

  void on_turn_end() noexcept override;
  http_call_handle begin(http_call& call, http_request& request);
  void enter(http_call& call) noexcept;
  /// Ends the call at the end of the turn. It leaves where it is now.
  void put_off(http_call& call, const http_outcome& how) noexcept;
  /// The same, but it begins anew then.
  void restart(http_call& call) noexcept;
  void push_put_off(http_call& call, http_call::later what) noexcept;
  /// The call is in none of the queues, and on no connection.
  void float_call(http_call& call) noexcept;
  void sink_call(http_call& call) noexcept;
  [[nodiscard]] http_call* take_put_off() noexcept;
  [[nodiscard]] bool may_connect() noexcept;
  void link(http_client_connection& connection) noexcept;
  void forget(http_client_connection& connection) noexcept;
  void sweep_later() noexcept { loop_.core().at_turn_end(*this); }
  void sweep() noexcept;

  backend& loop_;
  http_client_options options_;
  pool_storage storage_;
  pool_storage decoder_storage_;
  object_pool<http_call>* calls_;
  std::map<std::string, std::unique_ptr<http_origin>, std::less<>> origins_;
  http_client_connection* connections_ = nullptr;
  std::size_t connection_count_ = 0;
  http_client_connection* idle_oldest_ = nullptr;
  http_client_connection* idle_newest_ = nullptr;
  std::size_t idle_count_ = 0;
  std::uint64_t idle_clock_ = 0;
  std::size_t waiting_count_ = 0;
  http_call* put_off_ = nullptr;  // calls with something to do at the end of the turn
  http_call* put_off_last_ = nullptr;
  std::size_t put_off_count_ = 0;
  http_call* floating_ = nullptr;
  bool starved_ = false;  // an origin would connect, but for connections_max
  bool closed_ = false;
};

}  // namespace drywire
