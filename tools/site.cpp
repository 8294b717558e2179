#include "site.hpp"

#include "chat_page.hpp"
#include "file_answer.hpp"
#include "file_source.hpp"
#include "listing.hpp"
#include "metrics.hpp"
#include "site_sockets.hpp"

#include <drywire/protocol/http_codings.hpp>
#include <drywire/websocket/handshake.hpp>

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

namespace drywire::tools {

namespace {

void redirect_to_folder(reply& to, const target_path& path) {
  const std::string_view target = to.request().target;
  const std::size_t query = target.find('?');
  std::string location = folder_location(path);
  if (query != target.npos) location += target.substr(query);
  reply_fields fields;
  fields.add("Location", location);
  to.say(308, fields);
}

unsigned status_of(found_file::state what) noexcept {
  switch (what) {
    case found_file::state::absent: return 404;
    case found_file::state::forbidden: return 403;
    case found_file::state::exhausted: return 503;
    case found_file::state::file:
    case found_file::state::folder:
    case found_file::state::failed: break;
  }
  return 500;
}

// Only who says so gets gzip, and not who would rather have the file as it is.
bool prefers_gzip(const http1::request_head& request) noexcept {
  const unsigned gzip = http::coding_weight(request.fields, "gzip").value_or(0);
  const unsigned identity = http::coding_weight(request.fields, "identity").value_or(0);
  return gzip != 0 && gzip >= identity;
}

// One that is older was made of what the file was before.
bool is_twin(const found_file& gzipped, const found_file& plain) noexcept {
  return gzipped.what == found_file::state::file &&
         std::tie(gzipped.modified_unix_seconds, gzipped.modified_nanoseconds) >=
             std::tie(plain.modified_unix_seconds, plain.modified_nanoseconds);
}

}  // namespace

void site::answer(exchange& x) const {
  if (sockets_ != nullptr && answer_by_socket(x)) return;
  auto entry = begin_log(x);
  answer_to(reply(x, entry ? write_log_at_end(x, std::move(entry)) : nullptr));
}

// /chat is a page to who doesn't ask for a WebSocket.
bool site::answer_by_socket(exchange& x) const {
  const std::string_view path = path_of(x.request().target);
  const bool chat = path == "/chat" && websocket::asks_for_websocket(x.request());
  if (path != "/ws" && !chat) return false;
  auto entry = begin_log(x);
  entry = chat ? sockets_->chat(x, std::move(entry)) : sockets_->echo(x, std::move(entry));
  if (entry) write_log_at_end(x, std::move(entry));
  return true;
}

std::unique_ptr<log_entry> site::begin_log(const exchange& x) const {
  return log_ == nullptr ? nullptr : access_log::begin(x, loop_.time().steady);
}

// The exchange outlives this call, and its end comes in any case.
log_entry* site::write_log_at_end(exchange& x, std::unique_ptr<log_entry> entry) const {
  log_entry* const kept = entry.get();
  x.on_end([this, entry = std::move(entry)](bool complete) {
    log_->write(*entry, complete, loop_.time());
  });
  return kept;
}

void site::answer_to(reply to) const {
  const http1::request_head& request = to.request();
  if (path_of(request.target) == "/echo") return to.echo();
  if (request.method != "GET" && request.method != "HEAD") {
    reply_fields fields;
    fields.add("Allow", "GET, HEAD");
    return to.say(405, fields);
  }
  if (!options_.metrics.empty() && path_of(request.target) == options_.metrics) {
    return give_metrics(to);
  }
  if (sockets_ != nullptr && path_of(request.target) == "/chat") return give_chat_page(to);
  const auto path = parse_target(request.target);
  if (!path || !files_) return to.say(404);
  give_path(to, *path);
}

void site::give_metrics(reply& to) const {
  reply_fields fields;
  fields.add("Content-Type", metrics_type);
  fields.add("Cache-Control", "no-store");
  to.text(200, fields, metrics_text(counters_));
}

void site::give_chat_page(reply& to) {
  reply_fields fields;
  fields.add("Content-Type", "text/html; charset=utf-8");
  fields.add("Content-Security-Policy", chat_page_policy);
  fields.add("Cache-Control", "no-cache");
  to.text(200, fields, chat_page);
}

void site::give_path(reply& to, const target_path& path) const {
  found_file found = files_->find(path);
  if (found.what == found_file::state::file) return choose_file(to, path, std::move(found));
  if (found.what == found_file::state::folder) return redirect_to_folder(to, path);
  if (found.what == found_file::state::absent && path.is_folder && options_.lists_folders) {
    return list(to, path);
  }
  to.say(status_of(found.what));
}

void site::choose_file(reply& to, const target_path& path, found_file plain) const {
  file_terms terms{.now_unix_seconds = loop_.time().unix_seconds,
                   .ranges_max = options_.ranges_max};
  if (!options_.gives_gzipped) return give_file(to, std::move(plain), terms);
  found_file gzipped = files_->find(path, ".gz");
  terms.has_twin = is_twin(gzipped, plain);
  terms.gzipped = terms.has_twin && prefers_gzip(to.request());
  // Several parts aren't gzip any more, whatever Content-Encoding said.
  if (terms.gzipped) terms.ranges_max = std::min<std::size_t>(terms.ranges_max, 1);
  give_file(to, std::move(terms.gzipped ? gzipped : plain), terms);
}

void site::list(reply& to, const target_path& path) const {
  found_file folder = files_->find_folder(path);
  if (folder.what != found_file::state::folder) return to.say(status_of(folder.what));
  const auto listing = read_folder(std::move(folder.fd), options_.listing_entries_max);
  if (!listing) return to.say(503);
  std::string page = folder_page(path, *listing);
  const std::uint64_t size = page.size();
  reply_fields fields;
  fields.add("Content-Type", "text/html; charset=utf-8");
  fields.add("Cache-Control", "no-cache");
  to.give(200, fields, std::make_unique<text_source>(std::move(page)), size);
}

}  // namespace drywire::tools
