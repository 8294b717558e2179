/* The part of a BSD's <sys/event.h> that loop/poll_kqueue.cpp uses, laid out as FreeBSD's, for
   systems that have none: event.cpp beside it makes a kqueue of two epolls. Only for tests. */
#pragma once
#pragma GCC system_header

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct kevent {
  uintptr_t ident;
  short filter;
  unsigned short flags;
  unsigned int fflags;
  int64_t data;
  void* udata;
};

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

#ifdef __cplusplus
extern "C" {
#endif

int kqueue(void);
int kevent(int kq, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const struct timespec* timeout);

#ifdef __cplusplus
}
#endif
