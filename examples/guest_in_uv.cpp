// An application with a uv_loop_t of its own, which it runs; drywire is a guest in there.
//
//   guest_in_uv PORT
#include "guest.hpp"

#include <drywire/uv/uv.hpp>

#include <uv.h>

int main(int argc, char** argv) {
  uv_loop_t host;
  uv_loop_init(&host);
  guest served(drywire::attach_uv(host), argc > 1 ? argv[1] : "8080");

  uv_timer_t timer;
  uv_timer_init(&host, &timer);
  timer.data = &served;
  const auto tick = [](uv_timer_t* t) {
    if (!static_cast<guest*>(t->data)->tick()) uv_close(reinterpret_cast<uv_handle_t*>(t), nullptr);
  };
  uv_timer_start(&timer, tick, 10, 10);
  uv_run(&host, UV_RUN_DEFAULT);             // until the guest has left and the timer is closed
  return uv_loop_close(&host) == 0 ? 0 : 1;  // fails if anything of anybody is left in it
}
