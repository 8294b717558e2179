#include "name_resolver.hpp"

#include <netdb.h>

#include <algorithm>
#include <memory>
#include <string>

namespace drywire::tools {

void name_resolver::resolve(std::string_view host, std::uint16_t port, name_query& query) noexcept {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int result = ::getaddrinfo(std::string(host).c_str(), nullptr, &hints, &list);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, [](addrinfo* l) {
    if (l != nullptr) ::freeaddrinfo(l);
  });
  answer a{&query, {}, result == 0 ? "no address" : ::gai_strerror(result)};
  for (const addrinfo* i = list; i != nullptr; i = i->ai_next) {
    auto address = endpoint::from_native(i->ai_addr, i->ai_addrlen);
    if (!address) continue;
    address->set_port(port);
    a.addresses.push_back(*address);
  }
  answers_.push_back(std::move(a));
  loop_.core().remote().post([this] { tell_next(); });
}

void name_resolver::cancel(name_query& query) noexcept {
  const auto waiting = std::ranges::find(answers_, &query, &answer::query);
  if (waiting != answers_.end()) waiting->query = nullptr;
}

void name_resolver::tell_next() noexcept {
  const answer next = std::move(answers_.front());
  answers_.pop_front();
  if (next.query == nullptr) return;
  if (next.addresses.empty()) {
    next.query->on_unresolved(next.why);
  } else {
    next.query->on_resolved(next.addresses);
  }
}

}  // namespace drywire::tools
