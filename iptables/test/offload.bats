#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper
# Established flows carried by a tc program: what is marked already is not queued, and no trace of it stays behind.
# tc.py stands in for the program.

load helper
load tc
bats_require_minimum_version 1.5.0

setup() {
  need_root
  need python3
  need tc
  make_balancer
}
teardown() {
  drop_namespaces
  drop_tc
}

filters() { in_ns lb tc filter show dev in0 ingress; }

for_each_return() { # FLAVOR
  local back before
  before=$(dump lb)
  for back in direct routed; do
    lb install --iptables "$1" --offload tc --return $back --reject-mark 99 "${explicit[@]}"
    run in_ns lb "iptables-$1-save" -t mangle
    says '-A PREROUTING -m mark --mark 0x0/0xffff -m comment --comment "synlev default" -j SYNLEV-default-PRE'
    [[ $output != *conntrack* && $output != *CONNMARK* ]]
    [ -z "$(lb install --iptables "$1" --offload tc --return $back --reject-mark 99 "${explicit[@]}" --dry-run)" ]
    [ -z "$(lb sync --dry-run)" ]
    run lb show
    says 'mode tc (offload tc)'
    lb remove
    same "$before" "$(dump lb)" || { echo "after $back"; return 1; }
  done
}

@test "legacy: marked packets skip the queue, and nothing asks conntrack" { for_each_return legacy; }
@test "nft: marked packets skip the queue, and nothing asks conntrack" { for_each_return nft; }

@test "--offload and --mode are two words for one thing" {
  for pair in none:all conntrack:syn tc:tc; do
    lb install --offload "${pair%:*}" --return routed "${explicit[@]}"
    [ -z "$(lb install --mode "${pair#*:}" --return routed "${explicit[@]}" --dry-run)" ]
    [[ $(lb show --json) == *"\"offload\":\"${pair%:*}\""*"\"mode\":\"${pair#*:}\""* ]]
  done
}

@test "what cannot work is refused" {
  run -2 lb install --offload tc --return dnat "${explicit[@]}"
  says '--offload tc does not go with --return dnat'
  run -2 lb install --offload some "${explicit[@]}"
  says 'unknown offload: some'
  run -2 lb sync --offload tc
  says 'no option --offload'
}

@test "check and show tell where the program is, and that it is missing" {
  lb install --offload tc "${explicit[@]}"
  run -1 lb_here check
  says 'no tc program of instance default is on any interface'
  attach in0 1
  run -1 lb_here check # nobody reads the queue
  [[ $output != *'no tc program'* ]]
  says 'the tc program on in0 goes on without lbd'
  run lb_here show
  says 'tc program on in0'
  [[ $(lb_here show --json) == *'"tc_interfaces":["in0"]'* ]]
  lb install --mode all "${explicit[@]}"
  run -1 lb_here check
  says 'a tc program is on in0, but its marks are not looked at'
}

@test "remove takes away what a killed lbd left, and a dry run prints how" {
  before=$(dump lb; in_ns lb tc qdisc show)
  lb install --offload tc "${explicit[@]}"
  attach in0 1
  script=$(lb_here remove --dry-run)
  [[ $(filters) == *'handle 0x51 synlev_tc'* ]]
  lb_here remove
  same "$before" "$(dump lb; in_ns lb tc qdisc show)"
  [ ! -e "$SYNLEV_RUN_DIR/default" ]
  run ! grep -q "$SYNLEV_RUN_DIR" /proc/self/mounts
  # The script does the same
  lb install --offload tc "${explicit[@]}"
  attach in0 1
  nsenter --net="/run/netns/$prefix-lb" bash -euo pipefail <<<"$script"
  [ -z "$(filters)" ]
  [[ $(in_ns lb tc qdisc show) != *clsact* ]]
  [ ! -e "$SYNLEV_RUN_DIR/default" ]
}

@test "filters and qdiscs of others stay" {
  in_ns lb tc qdisc add dev in0 clsact
  in_ns lb tc filter add dev in0 ingress pref 5 protocol all u32 match u32 0 0 flowid 1:1
  others=$(filters)
  attach in0 1
  lb_here remove
  same "$others" "$(filters)"
  # A qdisc that lbd made, where somebody has put a filter since
  in_ns lb tc qdisc del dev in0 clsact
  attach in0 1
  in_ns lb tc filter add dev in0 egress pref 5 protocol all u32 match u32 0 0 flowid 1:1
  lb_here remove
  [ -z "$(filters)" ]
  [[ $(in_ns lb tc qdisc show dev in0) == *clsact* ]]
  # Another program in our place
  attach in0 1 0x52 another
  others=$(filters)
  lb_here remove
  same "$others" "$(filters)"
}

@test "remove leaves the program to a daemon that is alive" {
  lb install --offload tc "${explicit[@]}"
  attach in0 1
  echo 0 >"$BATS_TEST_TMPDIR/backend"
  ip netns exec "$prefix-lb" "$here/queue.py" 2 0xffff "$BATS_TEST_TMPDIR/backend" "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/bound" 3>&- &
  until [[ -s $BATS_TEST_TMPDIR/bound ]]; do :; done
  run lb_here remove
  kill $!
  wait $! || true
  says 'queue 2 is being read, so the tc program of default stays'
  [[ $(filters) == *'handle 0x51 synlev_tc'* ]]
  lb_here remove
  [ -z "$(filters)" ]
}

@test "an interface that is gone leaves only its record" {
  attach in0 1
  in_ns lb ip link del in0
  lb_here remove
  [ ! -e "$SYNLEV_RUN_DIR/default" ]
}
