#!/usr/bin/env bash
# Installs what the build and the tests need, asking nothing. Run it again at any time: it skips
# what is there.
#
#   setup.sh [--clients] [--checks] [--bench]
#
#   --clients   nginx, Chromium, Node, Python, wrk and GLib, for the tests with the label `clients`
#   --checks    clang, clang-format and clang-tidy, for the fuzz targets and the checks of .ci/run
#   --bench     what the benchmarks measure with and are compared to
set -euo pipefail
cd "$(dirname "$0")/.."
deps=$PWD/.deps  # packages that this release of the system lacks, unpacked; git-ignored

needed=(g++ cmake ninja-build ccache pkg-config curl libuv1-dev libasio-dev libcli11-dev
  libtomlplusplus-dev zlib1g-dev)
clients=(nginx-light chromium nodejs node-ws python3 python3-websockets wrk libglib2.0-dev)
bench=(nginx-light valgrind wrk)

main() {
  local wish
  command -v apt-get >/dev/null ||
    { say "this is not a Debian: see README.md, 'Building elsewhere'"; exit 0; }
  install "${needed[@]}"
  # libboost-dev conflicts with the libboost1.xx-dev that somebody may have chosen.
  [ -e /usr/include/boost/asio.hpp ] || install libboost-dev
  need libllhttp 9.2.1 trixie libllhttp-dev libllhttp9.2
  need catch2 3.4 bookworm-backports libcatch2-dev
  for wish; do
    case $wish in
      --clients) install "${clients[@]}" ;;
      --checks) install_checks ;;
      --bench) install "${bench[@]}" ;;
      *) say "unknown option $wish"; exit 2 ;;
    esac
  done
}

say() { printf 'setup: %s\n' "$*" >&2; }

root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else say "installing packages needs root or sudo: $*"; exit 1
  fi
}

# RUNLEVEL=1 keeps a server that comes with a client (nginx) from being started by its installation.
apt() {
  root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" </dev/null
}
updated=
update() { [ -n "$updated" ] || apt update >&2; updated=yes; }

installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }
available() { installed "$1" || { update && [ -n "$(offered "$1")" ]; }; }
offered() { apt-cache policy "$1" | sed -n 's/^  Candidate: //p' | sed 's/(none)//'; }

# install PACKAGE...: those of them that are not installed.
install() {
  local p missing=()
  for p; do installed "$p" || missing+=("$p"); done
  [ ${#missing[@]} = 0 ] && return
  update
  say "installing ${missing[*]}"
  apt install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# The oldest clang that we support is the one to check with; a newer release of Debian has a newer
# one. Only clang-format 16 lays the code out as it is committed: without it `dev format` says so.
install_checks() {
  local v
  for v in 16 17 18 19 20 21; do
    if available "clang-$v"; then break; fi
  done
  install "clang-$v" "libclang-rt-$v-dev" "clang-tidy-$v"
  if available clang-format-16; then install clang-format-16; fi
}

# need MODULE VERSION SUITE PACKAGE...: from this system, or else from SUITE. `~` lets 9.2.1~7.3
# count as 9.2.1.
need() {
  local module=$1 version=$2 suite=$3
  shift 3
  have "$module" "$version" && return
  update
  if dpkg --compare-versions "$(offered "$1")" ge "$version~"; then
    install "$1"
  else
    unpack "$suite" "$@"
  fi && have "$module" "$version" ||
    say "no $module >= $version to be had here: CMake can download it (-DDRYWIRE_FETCH=ON)"
}

# have MODULE VERSION: on the system or in .deps?
have() {
  PKG_CONFIG_PATH=$(printf '%s:' "$deps"/usr/lib/*/pkgconfig "$deps"/usr/share/pkgconfig) \
    pkg-config --atleast-version="$2" "$1" 2>/dev/null
}

# unpack SUITE PACKAGE...: packages of another Debian suite into .deps. apt checks the signatures;
# the system's own sources, pins and packages stay as they are.
unpack() {
  local suite=$1 apt=$deps/apt key=/usr/share/keyrings/debian-archive-keyring.gpg mirror
  shift
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' |
    sed -n 1p)
  [ -n "$mirror" ] && [ -r $key ] || return 1
  say "unpacking $* from $suite into .deps"
  rm -rf "$apt"
  mkdir -p "$apt"/{lists/partial,cache/archives/partial}
  : >"$apt/status"
  echo "deb [signed-by=$key] $mirror $suite main" >"$apt/sources.list"
  printf '%s "%s";\n' Dir::Etc::sourcelist "$apt/sources.list" Dir::Etc::sourceparts /dev/null \
    Dir::State::lists "$apt/lists" Dir::State::status "$apt/status" Dir::Cache "$apt/cache" \
    APT::Sandbox::User "$(id -un)" Acquire::Languages none Acquire::Retries 3 >"$apt/apt.conf"
  (
    cd "$apt" && export APT_CONFIG=$apt/apt.conf &&
      apt-get -qq update && apt-get -qq download "$@" &&
      for d in *.deb; do dpkg-deb -x "$d" "$deps" || exit; done
  ) >&2 && rm -rf "$apt"
}

main "$@"
