// What `drywire serve` answers: the files of a folder to GET and HEAD; at /echo, to any method, the
// request's own body; its metrics where that is wanted; and WebSockets at /ws and /chat.
#pragma once

#include "access_log.hpp"
#include "file_tree.hpp"
#include "reply.hpp"
#include "site_counters.hpp"

#include <drywire/adapters/exchange.hpp>
#include <drywire/loop/backend.hpp>
#include <drywire/websocket/websocket.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::tools {

class site_sockets;

struct websocket_settings {
  websocket::limits limits = {};
  std::optional<websocket::compression> compression = websocket::compression{};
  std::vector<std::string> origins = {};  ///< allowed besides our own; "*" for all
};

struct site_options {
  std::string root = ".";
  bool lists_folders = false;
  bool gives_gzipped = false;  ///< FILE.gz for FILE, to who accepts it
  std::string metrics = {};    ///< the path of the metrics; empty for none
  std::size_t ranges_max = 16;
  std::size_t listing_entries_max = 1000;
  websocket_settings websockets = {};
  std::size_t chat_message_bytes_max = 4096;
  std::size_t chat_queued_bytes_max = 256 * 1024;  ///< for one member; who lets more wait is out
  std::size_t chat_members_max = 10'000;           ///< on each loop
};

class site {
 public:
  /// Throws failure when the root can't be read. `log`, if not null, gets a line for each exchange
  /// at its end. Without `sockets` /ws and /chat are absent. All of these outlive the site, and it
  /// outlives its exchanges.
  site(const backend& loop, const site_options& options, access_log* log,
       std::span<const site_counters* const> counters, site_sockets* sockets = nullptr)
      : options_(options),
        files_(std::in_place, options.root),
        loop_(loop),
        log_(log),
        counters_(counters),
        sockets_(sockets) {}

  /// Without a folder: every target but /echo is absent.
  explicit site(const backend& loop) : loop_(loop) {}

  void answer(exchange& x) const;

 private:
  [[nodiscard]] bool answer_by_socket(exchange& x) const;
  [[nodiscard]] std::unique_ptr<log_entry> begin_log(const exchange& x) const;
  log_entry* write_log_at_end(exchange& x, std::unique_ptr<log_entry> entry) const;
  void answer_to(reply to) const;
  void give_metrics(reply& to) const;
  static void give_chat_page(reply& to);
  void give_path(reply& to, const target_path& path) const;
  void choose_file(reply& to, const target_path& path, found_file plain) const;
  void list(reply& to, const target_path& path) const;

  site_options options_;
  std::optional<file_tree> files_;
  const backend& loop_;
  access_log* log_ = nullptr;
  std::span<const site_counters* const> counters_;
  site_sockets* sockets_ = nullptr;
};

}  // namespace drywire::tools
