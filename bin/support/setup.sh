# Sourced by the commands in bin/: brings up what they need on a Debian machine, and says each thing it does and why.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Everything for people goes to standard error: standard output belongs to the command's result.
say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

need_node() {
  command -v node >/dev/null || fail "Node is missing: install Node 24 (20.19 is the oldest that works), e.g. from nodejs.org"
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    fail "Node $(node --version) is too old: 20.19 is the oldest that works, 24 is what the images have"
}

# npm ci, unless node_modules is what the lock file says already.
need_npm_packages() {
  need_node
  local done_file="$ROOT/node_modules/.package-lock.json"
  if [ -f "$done_file" ] && [ ! "$ROOT/package-lock.json" -nt "$done_file" ]; then return; fi
  say "npm ci: node_modules is missing or older than package-lock.json"
  (cd "$ROOT" && npm ci --no-audit --no-fund --loglevel=error >&2) || fail "npm ci failed"
}

build() {
  say "tsc: compiling into dist/"
  (cd "$ROOT" && npx --no-install tsc >&2)
}

# Some seconds, so it is done only when something of the page is newer than what was built.
build_console() {
  local built="$ROOT/dist/console/index.html"
  if [ -f "$built" ] && [ -z "$(find "$ROOT"/apps/console "$ROOT"/libs/{api,contracts}/src -newer "$built" -type f -print -quit)" ]; then
    return
  fi
  say "vite: building the web page into dist/console"
  (cd "$ROOT" && npm run --silent build:console >&2)
}

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# need_debian WHY PACKAGE…: installs those that are missing; they start no services of their own, now or at the next boot.
need_debian() {
  local why=$1 missing=() package sudo=()
  shift
  command -v dpkg-query >/dev/null || fail "this is no Debian: install $* by hand ($why)"
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    sudo=(sudo -n)
    "${sudo[@]}" true 2>/dev/null || fail "missing: ${missing[*]} ($why). Run this first: sudo apt-get install -y ${missing[*]}"
  fi
  say "apt-get install ${missing[*]}: $why"
  without_services "${sudo[@]}"
  apt_install "${sudo[@]}" || { "${sudo[@]}" apt-get update -qq >&2 && apt_install "${sudo[@]}"; } ||
    fail "apt-get could not install ${missing[*]}"
  with_services "${sudo[@]}"
  # What was not there a moment ago must not begin to listen at the machine's next start either.
  for package in "${missing[@]}"; do
    if [ -e "/etc/init.d/${package%.io}" ]; then "${sudo[@]}" update-rc.d "${package%.io}" disable >&2; fi
  done
}

# The names come from need_debian's own variable; the arguments are the sudo to use.
apt_install() {
  local log
  log=$(mktemp)
  if "$@" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    </dev/null >"$log" 2>&1; then
    rm -f "$log"
  else
    tail -5 "$log" >&2
    rm -f "$log"
    return 1
  fi
}

# Debian's packages start their services at once, on the fixed ports of whoever else is on this machine.
without_services() {
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\n# made by slipway: removed in a moment\nexit 101\n' | "$@" tee /usr/sbin/policy-rc.d >/dev/null
  "$@" chmod 755 /usr/sbin/policy-rc.d
}
with_services() {
  if grep -qs 'made by slipway' /usr/sbin/policy-rc.d; then "$@" rm -f /usr/sbin/policy-rc.d; fi
}
