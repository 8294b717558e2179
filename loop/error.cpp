#include <drywire/loop/error.hpp>

#include <cerrno>
#include <cstring>

namespace drywire {

namespace {

struct named_code {
  int code;
  std::string_view name;
};

#define DRYWIRE_CODE(symbol) \
  named_code { symbol, #symbol }
// What sockets, descriptors and the loops themselves can answer.
constexpr named_code named_codes[] = {
    {0, "ok"},
    DRYWIRE_CODE(E2BIG),
    DRYWIRE_CODE(EACCES),
    DRYWIRE_CODE(EADDRINUSE),
    DRYWIRE_CODE(EADDRNOTAVAIL),
    DRYWIRE_CODE(EAFNOSUPPORT),
    DRYWIRE_CODE(EAGAIN),
    DRYWIRE_CODE(EALREADY),
    DRYWIRE_CODE(EBADF),
    DRYWIRE_CODE(EBUSY),
    DRYWIRE_CODE(ECANCELED),
    DRYWIRE_CODE(ECONNABORTED),
    DRYWIRE_CODE(ECONNREFUSED),
    DRYWIRE_CODE(ECONNRESET),
    DRYWIRE_CODE(EDESTADDRREQ),
    DRYWIRE_CODE(EEXIST),
    DRYWIRE_CODE(EFAULT),
    DRYWIRE_CODE(EFBIG),
    DRYWIRE_CODE(EHOSTUNREACH),
    DRYWIRE_CODE(EINPROGRESS),
    DRYWIRE_CODE(EINTR),
    DRYWIRE_CODE(EINVAL),
    DRYWIRE_CODE(EIO),
    DRYWIRE_CODE(EISCONN),
    DRYWIRE_CODE(EMFILE),
    DRYWIRE_CODE(EMSGSIZE),
    DRYWIRE_CODE(ENAMETOOLONG),
    DRYWIRE_CODE(ENETDOWN),
    DRYWIRE_CODE(ENETRESET),
    DRYWIRE_CODE(ENETUNREACH),
    DRYWIRE_CODE(ENFILE),
    DRYWIRE_CODE(ENOBUFS),
    DRYWIRE_CODE(ENODEV),
    DRYWIRE_CODE(ENOENT),
    DRYWIRE_CODE(ENOMEM),
    DRYWIRE_CODE(ENOPROTOOPT),
    DRYWIRE_CODE(ENOSPC),
    DRYWIRE_CODE(ENOSYS),
    DRYWIRE_CODE(ENOTCONN),
    DRYWIRE_CODE(ENOTDIR),
    DRYWIRE_CODE(ENOTSOCK),
    DRYWIRE_CODE(ENOTSUP),
    DRYWIRE_CODE(EPERM),
    DRYWIRE_CODE(EPIPE),
    DRYWIRE_CODE(EPROTO),
    DRYWIRE_CODE(EPROTONOSUPPORT),
    DRYWIRE_CODE(EPROTOTYPE),
    DRYWIRE_CODE(ETIMEDOUT),
};
#undef DRYWIRE_CODE

}  // namespace

std::string_view error::name() const noexcept {
  for (const named_code& known : named_codes) {
    if (known.code == code_) return known.name;
  }
  return "unnamed error";
}

std::string_view error::message() const noexcept {
  if (code_ == 0) return "no error";
#ifdef __GLIBC__
  const char* const text = ::strerrordesc_np(code_);  // strerror() is not for several threads here
#else
  const char* const text = std::strerror(code_);
#endif
  return text != nullptr ? text : "unknown error";
}

}  // namespace drywire
