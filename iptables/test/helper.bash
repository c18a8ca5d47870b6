# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # variables shared with the tests
# What the tests share. Everything happens in network namespaces of our own, named after this process.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
lbrules=$here/../lbrules
prefix=iptables-$$
VIP4=10.0.0.1 VIP6=1000::1
export LC_ALL=C
unset SYNLEV_INSTANCE

# In CI a test that cannot run is a failure
cannot() {
  if [[ ${CI-} == true ]]; then echo "cannot run: $1" >&2; return 1; fi
  skip "$1"
}
need_root() { [[ $(id -u) == 0 ]] || cannot "needs root for network namespaces"; }
need() { command -v "$1" >/dev/null || cannot "needs $1"; }

make_namespace() { # NAME
  ip netns add "$prefix-$1"
  in_ns "$1" bash -c 'echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad; echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
    for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >"$f"; done
    echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; ip link set lo up'
}
in_ns() { # NAME COMMAND…
  local ns=$prefix-$1
  shift
  ip netns exec "$ns" "$@"
}
drop_namespaces() {
  local ns
  for ns in $(ip netns list | awk -v p="$prefix-" 'index($1, p) == 1 { print $1 }'); do ip netns del "$ns"; done
}

# A balancer alone, with an interface to 192.168.2.0/24; legacy's tables are loaded, which nothing can undo
make_balancer() {
  local table
  make_namespace lb
  in_ns lb ip -batch - <<'END'
link add name in0 type veth peer name in1
link set in0 addrgenmode none
link set in1 addrgenmode none
address add 192.168.2.254/24 dev in0
address add fd00:2::fe/64 dev in0 nodad
link set in0 up
link set in1 up
END
  for table in mangle nat filter; do
    in_ns lb iptables-legacy -w -t $table -S >/dev/null
    in_ns lb ip6tables-legacy -w -t $table -S >/dev/null
  done
}

lb() { in_ns lb "$lbrules" "$@"; }
explicit=(--vip "$VIP4" --vip "$VIP6/128" --vip 10.9.0.0/24 --backend "1=192.168.2.1,fd00:2::1" --backend "2=192.168.2.2,fd00:2::2")

# Everything that rules and routes consist of, without counters
dump() { # NAMESPACE
  local program family
  for program in iptables-legacy-save ip6tables-legacy-save iptables-nft-save ip6tables-nft-save; do
    echo "== $program"
    in_ns "$1" $program 2>/dev/null | grep -v '^#' | sed 's/ \[[0-9:]*\]$//'
  done
  for family in -4 -6; do
    in_ns "$1" ip $family rule show
    in_ns "$1" ip $family route show table all
  done
  ! command -v nft >/dev/null || in_ns "$1" nft -s list ruleset 2>/dev/null
}

same() { # BEFORE AFTER
  [[ $1 == "$2" ]] || { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); return 1; }
}
says() { [[ $output == *"$1"* ]] || { printf 'not in the output: %s\n%s\n' "$1" "$output"; return 1; }; }
