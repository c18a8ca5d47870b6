#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper
# The hook ahead of conntrack: there when asked for, the same after a second time, gone without a trace.

load helper
bats_require_minimum_version 1.5.0

setup() {
  need_root
  need nft
  make_balancer
}
teardown() { drop_namespaces; }

fragments=(--fragment-queue 3 "${explicit[@]}")

in_each_flavor() { # COMMAND…
  local flavor
  for flavor in nft legacy; do "$@" $flavor || { echo "with iptables-$flavor"; return 1; }; done
}

whole_then_gone() { # FLAVOR
  local before mode
  before=$(dump lb)
  for mode in all syn; do
    lb install --iptables "$1" --mode $mode --return routed "${fragments[@]}"
    run in_ns lb nft list ruleset
    says 'type filter hook prerouting priority -450'
    says 'notrack'
    [ -z "$(lb install --iptables "$1" --mode $mode --return routed "${fragments[@]}" --dry-run)" ]
    [ -z "$(lb sync --dry-run)" ]
    lb remove
    same "$before" "$(dump lb)" || return 1
  done
}
@test "installed twice it is there once, and removed it leaves nothing" { in_each_flavor whole_then_gone; }

@test "a range of queues, bypass and interfaces are installed as said" {
  before=$(dump lb)
  lb install --queue-bypass --interface in0 --tun frag9 --fragment-queue 4:5 "${explicit[@]}"
  run in_ns lb nft list ruleset
  says 'iifname { "in0", "frag9" }'
  says 'queue'
  says '4-5'
  says 'bypass'
  run lb show
  says 'fragments to queue 4:5, held ones come in by frag9'
  lb remove
  same "$before" "$(dump lb)"
}

@test "it follows the VIPs, and goes when it is no longer asked for" {
  lb install "${fragments[@]}"
  lb sync --vip 10.55.0.0/16 --backend 1=192.168.2.1
  run in_ns lb nft list ruleset
  says 'ip daddr 10.55.0.0/16 ip frag-off'
  [[ $output != *"ip daddr $VIP4 ip frag-off"* ]]
  lb install "${explicit[@]}"
  run in_ns lb nft list ruleset
  [[ $output != *'priority -450'* ]]
}

@test "a table raw of others stays" {
  in_ns lb iptables-nft -t raw -A PREROUTING -s 10.99.0.0/16 -j ACCEPT
  before=$(dump lb)
  lb install "${fragments[@]}"
  lb remove
  same "$before" "$(dump lb)"
}

@test "a dry run prints a script that does the same" {
  before=$(dump lb)
  script=$(lb install "${fragments[@]}" --dry-run)
  same "$before" "$(dump lb)"
  in_ns lb bash -euo pipefail <<<"$script"
  [ -z "$(lb install "${fragments[@]}" --dry-run)" ]
}

@test "what cannot work is refused" {
  run -2 lb install --return dnat "${fragments[@]}"
  says '--fragment-queue does not go with --return dnat'
  run -2 lb install --queue 2:5 "${fragments[@]}"
  says 'cannot be for fragments and for whole packets'
  run -2 lb install --fragment-queue 70000 "${explicit[@]}"
  says 'not a queue'
  run -2 lb install --tun a/b "${fragments[@]}"
  says 'not a name of an interface'
}

@test "check says that nobody reads the queue, and that the device is missing" {
  lb install "${fragments[@]}"
  run -1 lb check
  says 'nobody reads the fragment queue 3'
  says 'there is no device synlev0'
}

@test "check says so where the hook is gone or fragments are spread by processor" {
  lb install --fragment-queue 3:4 "${explicit[@]}"
  in_ns lb iptables-nft -t mangle -A PREROUTING -p udp -j NFQUEUE --queue-balance 3:4 --queue-cpu-fanout
  run -1 lb check
  says '--queue-cpu-fanout sends fragments of one datagram to different queues'
  in_ns lb nft flush ruleset
  lb install --fragment-queue 3:4 "${explicit[@]}"
  in_ns lb nft delete chain ip raw SYNLEV-default-FRG || in_ns lb nft delete table ip SYNLEV-default
  run -1 lb check
  says 'IPv4, fragments: not as installed'
  lb sync
  run in_ns lb nft list ruleset
  says 'ip frag-off'
}
