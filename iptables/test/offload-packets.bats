#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # awk's own $; variables of helper
# Real packets past lbd: those that a tc program marked on the way in. tc.py's program marks all that come from c.

load helper
load network
load tc

setup() {
  need tc
  make_network
}
teardown() {
  drop_network
  drop_tc
}

# Until the daemon has written down every packet that was queued: it does so before its verdict.
drained() {
  local tries
  for tries in {1..500}; do
    ! in_ns lb awk '$3 != 0 { exit 1 }' /proc/net/netfilter/nfnetlink_queue || return 0
  done
  echo "packets still wait after $tries looks"
  return 1
}

entries() { in_ns lb cat /proc/sys/net/netfilter/nf_conntrack_count; }

@test "what was marked on the way in reaches its backend unqueued, the rest is queued, and conntrack sees nothing" {
  daemon
  for flavor in nft legacy; do
    for back in direct routed; do
      echo "$flavor $back"
      answers_go_by "$([[ $back == direct ]] && echo c || echo lb)"
      lb install --iptables $flavor --offload tc --return $back --interface c "${settings[@]}"
      [ "$(ask "$VIP4" "$VIP6" | tr '\n' ' ')" = "s1 s1 " ]
      attach c 2
      # Only now: the first connections' last packets come after their answers.
      drained
      before=$(queued)
      ((before > 0))
      [ "$(ask "$VIP4" "$VIP6" | tr '\n' ' ')" = "s2 s2 " ]
      [ "$(queued)" -eq "$before" ]
      [ "$(entries)" -eq 0 ]
      in_ns lb tc qdisc del dev c clsact
      run lb show
      says "offloaded: marked by tc: see 'magctl flows count'"
      lb remove
      : >"$BATS_TEST_TMPDIR/log"
    done
  done
}

@test "bits of others in the mark do not count as ours" {
  answers_go_by c
  daemon
  lb install --offload tc --interface c "${settings[@]}"
  attach c 0x70000
  [ "$(ask "$VIP4" "$VIP6" | tr '\n' ' ')" = "s1 s1 " ]
  (($(queued) > 0))
}

@test "check is content with a program and a daemon" {
  answers_go_by c
  daemon
  lb install --offload tc --interface c "${settings[@]}"
  attach c 0
  [ "$(ask "$VIP4" "$VIP6" | tr '\n' ' ')" = "s1 s1 " ]
  run lb_here check
  echo "$output"
  [ "$status" -eq 0 ]
}
