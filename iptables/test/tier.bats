#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper
# A tier of balancers: routes to the others, none to ourselves, and their fragments come to the fragment queue.

load helper
bats_require_minimum_version 1.5.0

setup() {
  need_root
  need nft
  make_balancer
  in_ns lb ip link add name tier0 type veth peer name tier1
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' instance default 0xffff '' '' '' '' '' '' \
    pool balancers 902 '' '' '' '' '' '' \
    backend balancers lb1 901 1 active up 192.168.2.101 fd00:2::101 \
    backend balancers lb2 902 1 active up 192.168.2.254 fd00:2::fe \
    backend balancers lb3 903 1 active up 192.168.2.103 fd00:2::103 \
    pool default 0 '' '' '' '' '' '' \
    backend default s1 1 1 active up 192.168.2.1 fd00:2::1 \
    service default default "$VIP4/32,$VIP6/128" '' '' '' '' '' >"$BATS_TEST_TMPDIR/plain"
  from=(--fragment-queue 3 --from "$BATS_TEST_TMPDIR/plain")
}
teardown() { drop_namespaces; }

@test "marks of other balancers are routed to them, our own nowhere" {
  before=$(dump lb)
  lb install "${from[@]}" --tier-interface tier0
  run in_ns lb ip route show table all
  says 'default via 192.168.2.101 dev in0 table 10901'
  says 'default via 192.168.2.103 dev in0 table 10903'
  [[ $output != *10902* ]]
  run in_ns lb ip -6 rule
  says '0x387/0xffff'
  [[ $output != *0x386/* ]]
  [ -z "$(lb sync --dry-run)" ]
  lb remove
  same "$before" "$(dump lb)"
}

@test "fragments of other balancers are queued though whole packets come by another interface" {
  lb install "${from[@]}" --interface in0 --tier-interface tier0
  run in_ns lb nft list ruleset
  says 'iifname { "in0", "tier0", "synlev0" }'
  run in_ns lb iptables-save -t mangle
  [[ $output == *'-i in0'* && $output != *'-i tier0'* ]]
  run lb show
  says "other balancers' by tier0"
  lb sync
  run in_ns lb nft list ruleset
  says 'iifname { "in0", "tier0", "synlev0" }'
}

@test "it goes with a queue for fragments only" {
  run -2 lb install --tier-interface tier0 "${explicit[@]}"
  says 'there is no queue for fragments'
  run -2 lb install --tier-interface tier+ "${from[@]}"
  says 'not an interface'
}

@test "check finds what keeps other balancers' fragments away" {
  lb install "${from[@]}" --tier-interface tier0
  in_ns lb bash -c 'echo 1 >/proc/sys/net/ipv4/conf/tier0/rp_filter'
  run -1 lb check
  says 'rp_filter is 1 on tier0'
  in_ns lb bash -c 'echo 2 >/proc/sys/net/ipv4/conf/tier0/rp_filter'
  run -1 lb check
  [[ $output != *rp_filter* ]]
  in_ns lb ip link del tier0
  run -1 lb check
  says 'there is no interface tier0'
  lb install "${from[@]}"
  run -1 lb check
  says 'there is a pool of balancers, but no --tier-interface'
}
