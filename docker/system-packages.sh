#!/usr/bin/env bash
# Gets the system packages that a command needs:  system-packages.sh sandbox | test
# Installs with apt when it can (root, or sudo without a question); otherwise says exactly what is missing.
set -euo pipefail

# The sandbox itself is asked, with the standard library alone until .venv is there, which can ask an engine, too.
python="${PYTHON:-python3}"
if [ -e .venv/bin/.ready ] && .venv/bin/python -c '' 2>/dev/null; then python=.venv/bin/python; fi

try_sandbox() { "$python" -m workers.sandbox "$@"; }

# In a word what is in the way of the best sandbox: the cause why there is none, "one" where all jobs are one user's, or nothing.
what_is_missing() {
  { try_sandbox --json 2>/dev/null || true; } | "$python" -c 'import json, sys
told = json.load(sys.stdin)
print(told["cause"] or {"one": "one"}.get(told["users"], ""))'
}

# A running engine is as good; it needs the guest's image, which is built once.
engine_works() {
  local engine
  case "${GRADER_SANDBOX:-auto}" in auto | docker) ;; *) return 1 ;; esac
  for engine in docker podman; do
    if command -v "$engine" >/dev/null && "$engine" info >/dev/null 2>&1; then
      "$engine" image inspect keras-grader-guest >/dev/null 2>&1 && return 0
      echo "Building the guest's image with $engine (some minutes, once) …"
      "$engine" build -q -f docker/guest.Dockerfile -t keras-grader-guest . && return 0
    fi
  done
  return 1
}

get_sandbox() {
  local missing
  missing=$(what_is_missing)
  if [ "$missing" = no-bubblewrap ] && install bubblewrap; then missing=$(what_is_missing); fi
  # With subordinate ids an ordinary user has root's way: a user for each job, and libraries that are loaded once.
  if [ "$missing" = one ]; then install uidmap 2>/dev/null || true; fi
  try_sandbox || engine_works || { ways_to_a_sandbox >&2 && return 3; }
}

ways_to_a_sandbox() {
  cat <<'WAYS'
Student code is never run without a sandbox, so this ends here. Each of these brings one:
- on this machine: the package bubblewrap (Debian, Ubuntu: sudo apt-get install bubblewrap uidmap);
- in a container: start it with  docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined …
  (add --security-opt apparmor=unconfined where the machine has AppArmor), which lets bubblewrap work inside;
- an engine of your own, without root: rootless Podman or Docker; it is found by itself once it runs;
- all in containers: docker/compose.yaml, where a guest's container runs beside each worker (GRADER_SANDBOX=unix:PATH).
WAYS
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

# Of Debian's package of Prometheus only the program that checks rules: the package would start a server on every address.
get_promtool() {
  local place="${XDG_CACHE_HOME:-$HOME/.cache}/keras-grader" folder
  if command -v promtool >/dev/null || [ -x "$place/promtool" ] || ! command -v apt-get >/dev/null; then return 0; fi
  folder=$(mktemp -d)
  (
    cd "$folder"
    apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && apt-get download -qq prometheus; }
    dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
    mkdir -p "$place"
    mv usr/bin/promtool "$place/promtool"
  )
  rm -r "$folder"
}

case "${1:-}" in
  sandbox)
    get_sandbox
    ;;
  test)
    # On Ubuntu mmdebstrap needs Debian's keys, and gpg to find them.
    install bubblewrap uidmap docker.io docker-compose podman mmdebstrap debian-archive-keyring gpg redis-server postgresql \
      chromium fonts-noto-cjk
    get_promtool
    ;;
  *)
    echo "usage: $0 sandbox | test" >&2
    exit 2
    ;;
esac
