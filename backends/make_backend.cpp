#include <drywire/backends/make_backend.hpp>
#include <drywire/loop/native.hpp>

#ifdef DRYWIRE_HAS_ASIO
#include <drywire/asio/asio.hpp>
#endif
#ifdef DRYWIRE_HAS_UV
#include <drywire/uv/uv.hpp>
#endif

#include <algorithm>
#include <array>
#include <cerrno>

namespace drywire {

namespace {

struct known_backend {
  std::string_view name;
  std::unique_ptr<backend> (*make)(error* failure);
};

constexpr std::array known_backends = {
    known_backend{"native", [](error* f) -> std::unique_ptr<backend> { return make_native(f); }},
#ifdef DRYWIRE_HAS_ASIO
    known_backend{"asio", make_asio},
#endif
#ifdef DRYWIRE_HAS_UV
    known_backend{"uv", make_uv},
#endif
};

constexpr auto names = [] {
  std::array<std::string_view, known_backends.size()> all;
  std::ranges::transform(known_backends, all.begin(), &known_backend::name);
  return all;
}();

}  // namespace

std::span<const std::string_view> backend_names() noexcept { return names; }

std::unique_ptr<backend> make_backend(std::string_view name, error* failure) {
  for (const known_backend& known : known_backends) {
    if (known.name == name) return known.make(failure);
  }
  if (failure != nullptr) *failure = error(EINVAL);
  return nullptr;
}

}  // namespace drywire
