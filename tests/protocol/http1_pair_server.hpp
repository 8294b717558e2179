// A server's application that does what the plans say, and checks that it gets what the client
// sent.
#pragma once

#include "http1_pair_plan.hpp"

#include <drywire/protocol/http1_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <vector>

namespace http1_test {

using namespace drywire;
using namespace http1;

class planned_server {
 public:
  /// Both outlive it.
  planned_server(http1::server& server, const std::vector<exchange_plan>& all)
      : server_(server), all_(all) {}

  /// False: nothing is put off any more.
  bool patient = true;
  /// The last event in words, empty without one.
  std::string end;
  std::optional<http1::fault> fault;

  void on_event(const server_event& event) {
    CHECK(end.empty());
    if (const auto* r = std::get_if<request>(&event)) on_request(*r);
    if (const auto* b = std::get_if<body>(&event)) {
      up_ += as_text(b->bytes);
      CHECK(all_.at(asking_ - 1).up.starts_with(up_));
    }
    if (const auto* t = std::get_if<trailers>(&event)) CHECK(t->fields[0].value == "t");
    if (std::holds_alternative<request_end>(event)) {
      const exchange_plan& e = all_.at(asking_ - 1);
      if (answers_) CHECK(up_ == e.up);
      if (answers_ && (!e.stalls || !patient)) answer();
    }
    if (std::holds_alternative<server_switched>(event)) end = "switched";
    if (std::holds_alternative<transport_failed>(event)) end = "transport failed";
    if (const auto* e = std::get_if<peer_error>(&event)) {
      end = to_string(e->what);
      fault = e->what;
    }
  }

  /// What was put off goes on.
  void go_on() {
    const bool open = asking_ > 0 && server_.exchange() == asking_ && server_.response_open();
    if (!open) return;
    if (!answers_) return finish_response();
    if (up_ == all_.at(asking_ - 1).up && all_[asking_ - 1].stalls) answer();
  }

 private:
  void on_request(const request& r) {
    CHECK(r.exchange == asking_ + 1);
    asking_ = r.exchange;
    answers_ = true;
    up_.clear();
    const exchange_plan& e = all_.at(asking_ - 1);
    for (unsigned i = 0; i < e.informs; ++i) wish(server_.inform(103, {{"Link", "<x>"}}));
    if (e.expects && e.refuses) return answer();
    if (e.expects && e.says_continue) wish(server_.send_continue());
    if (e.early && !e.may_switch()) return answer();
    if (e.holds_up && !e.up.empty() && patient) wish(server_.hold_body());
  }

  void answer() {
    const exchange_plan& e = all_.at(asking_ - 1);
    answers_ = false;
    if (e.may_switch() && !e.refuses) {
      const field upgrade[] = {{"Upgrade", "x"}};
      const bool connect = e.what == exchange_plan::kind::connect;
      // Behind shut_down() a switch is refused.
      if (server_.switch_protocols(connect ? field_list() : upgrade) == errc::ok) return;
    }
    if (!e.streams_down) return wish(server_.respond(e.status, {}, text_bytes(e.down)));
    wish(server_.start_response(e.status));
    if (!server_.response_open()) return;
    wish(server_.send(text_bytes(e.down).first(e.down.size() / 2)));
    if (!e.pauses_down || !patient) finish_response();
  }

  void finish_response() {
    const exchange_plan& e = all_.at(asking_ - 1);
    static constexpr field trailer[] = {{"T", "r"}};
    wish(server_.send(text_bytes(e.down).subspan(e.down.size() / 2), lifetime::stable));
    wish(server_.finish(e.trailers && e.has_body() ? field_list(trailer) : field_list()));
  }

  // Granted, or the connection has ended.
  void wish(errc done) { CHECK((done == errc::ok || server_.ending() != ending::open)); }

  http1::server& server_;
  const std::vector<exchange_plan>& all_;
  std::size_t asking_ = 0;
  bool answers_ = false;  // has yet to begin the answer
  std::string up_;
};

}  // namespace http1_test
