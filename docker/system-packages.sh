#!/usr/bin/env bash
# Gets the system packages that a command needs:  system-packages.sh sandbox | test
# Installs with apt when it can (root, or sudo without a question); otherwise says exactly what is missing.
set -euo pipefail

bubblewrap_works() { command -v bwrap >/dev/null && bwrap --ro-bind / / --unshare-pid --unshare-net true 2>/dev/null; }

# A running engine is as good; it needs the guest's image, which is built once.
engine_works() {
  local engine
  for engine in docker podman; do
    if command -v "$engine" >/dev/null && "$engine" info >/dev/null 2>&1; then
      "$engine" image inspect keras-grader-guest >/dev/null 2>&1 && return 0
      echo "Building the guest's image with $engine (some minutes, once) …"
      "$engine" build -q -f docker/guest.Dockerfile -t keras-grader-guest . && return 0
    fi
  done
  return 1
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || printf '%s ' "$package"
  done
}

install() {
  local missing as_root=()
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "Missing: $missing (this system has no apt; install them its own way)" >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "Missing: $missing" >&2
      echo "Install them with:  sudo apt-get install $missing" >&2
      return 1
    fi
    as_root=(sudo -n)
  fi
  echo "Installing system packages: $missing"
  "${as_root[@]}" apt-get update -qq
  # shellcheck disable=SC2086 - a list of words
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

case "${1:-}" in
  sandbox)
    if ! bubblewrap_works && ! { install bubblewrap && bubblewrap_works; } && ! engine_works; then
      echo "Student code is never run without a sandbox. Install bubblewrap, or start a Docker or Podman engine." >&2
      exit 1
    fi
    ;;
  test)
    # On Ubuntu mmdebstrap needs Debian's keys, and gpg to find them.
    install bubblewrap uidmap docker.io docker-compose podman mmdebstrap debian-archive-keyring gpg redis-server postgresql chromium \
      fonts-noto-cjk
    ;;
  *)
    echo "usage: $0 sandbox | test" >&2
    exit 2
    ;;
esac
