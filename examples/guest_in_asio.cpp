// An application with an io_context of its own, which it runs; drywire is a guest in there.
//
//   guest_in_asio PORT
#include "guest.hpp"

#include <drywire/asio/asio.hpp>

#ifdef DRYWIRE_ASIO_BOOST
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
namespace net = boost::asio;
#else
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
namespace net = asio;
#endif

#include <chrono>

int main(int argc, char** argv) {
  net::io_context host{1};
  guest served(drywire::attach_asio(host), argc > 1 ? argv[1] : "8080");

  net::steady_timer timer(host);
  const std::function<void()> tick = [&] {
    if (!served.tick()) return;
    timer.expires_after(std::chrono::milliseconds(10));
    timer.async_wait([&](const auto&) { tick(); });
  };
  tick();
  host.run();  // until the guest has left and the timer is done
}
