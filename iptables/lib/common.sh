# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# Talking to people, running commands (or printing them), and the lock. Knows no load balancing.

dry_run=${dry_run:-no}
tmp_files=()

# Wrong usage: 2. Anything else that keeps us from doing what was asked: 1. Say the value and the remedy.
usage_error() { printf 'lbrules: %s\n' "$1" >&2; [[ -z ${2-} ]] || printf '  Fix: %s\n' "$2" >&2; exit 2; }
fail() { printf 'lbrules: %s\n' "$1" >&2; [[ -z ${2-} ]] || printf '  Fix: %s\n' "$2" >&2; exit 1; }
warn() { printf 'lbrules: %s\n' "$1" >&2; }
have_tool() { command -v "$1" >/dev/null 2>&1; }

# CAP_NET_ADMIN is bit 12 of CapEff (linux/capability.h)
have_net_admin() {
  local key value
  while read -r key value; do
    [[ $key != CapEff: ]] || { (((16#$value >> 12) & 1)) && return 0; }
  done </proc/self/status
  return 1
}

# The first program iptables-restore cannot do without: legacy wants to create its lock file in /run, which an ordinary
# user inside `unshare -Urn` may not. Our own lock (below) still keeps lbrules processes apart there.
prepare_xtables_lock() {
  [[ -z ${XTABLES_LOCKFILE-} ]] || return 0
  if [[ -e /run/xtables.lock ]]; then [[ ! -w /run/xtables.lock || ! -O /run/xtables.lock ]] || return 0
  else [[ ! -w /run ]] || return 0; fi
  XTABLES_LOCKFILE=$(mktemp "${TMPDIR:-/tmp}/lbrules.XXXXXX")
  tmp_files+=("$XTABLES_LOCKFILE")
  export XTABLES_LOCKFILE
}
cleanup() { ((${#tmp_files[@]} == 0)) || rm -f "${tmp_files[@]}"; }
trap cleanup EXIT

# One change at a time per network namespace: the lock is on the namespace itself, so it needs no file and no directory.
lock_namespace() {
  [[ $dry_run == no ]] || return 0
  have_tool flock || return 0
  exec 9</proc/self/ns/net
  flock -w 30 9 || fail "another lbrules has been changing this network namespace for 30 s" "see 'ps -ef | grep lbrules'"
}

# Runs COMMAND with TEXT as its input, or prints both as a piece of shell script. 9>&-: children must not hold the lock.
feed() { # TEXT COMMAND…
  local text=$1
  shift
  [[ -n $text ]] || return 0
  if [[ $dry_run == yes ]]; then
    printf "%s <<'END'\n%s\nEND\n" "$*" "$text"
    return 0
  fi
  "$@" 9>&- <<<"$text" || fail "this failed: $*" "the lines it was given: $(printf '\n%s' "$text" | head -n 40)"
}

json_string() {
  local s=$1
  s=${s//\\/\\\\} s=${s//\"/\\\"} s=${s//$'\n'/\\n} s=${s//$'\t'/\\t}
  printf '"%s"' "${s//[[:cntrl:]]/ }"
}

# Lines of A that are not in B (order kept)
lines_without() {
  [[ -n $1 && $1 != "$2" ]] || return 0
  awk 'NR == FNR { seen[$0]; next } $0 != "" && !($0 in seen)' <(printf '%s\n' "$2") <(printf '%s\n' "$1")
}
