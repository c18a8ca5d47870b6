#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper
# Each trouble is found and explained.

load helper

setup() {
  need_root
  make_balancer
}
teardown() { drop_namespaces; }

finds() { # TEXT: check fails and says TEXT, with a Why and a Fix
  run lb check
  [ "$status" -eq 1 ]
  says "$1"
  says "  Why: "
  says "  Fix: "
}

@test "not installed" {
  finds "not installed"
  run lb show
  [ "$status" -eq 1 ]
  run lb sync
  [ "$status" -eq 1 ]
}

@test "rules, policy rules and routes that somebody took away" {
  lb install --iptables nft "${explicit[@]}"
  in_ns lb iptables-nft -t mangle -F SYNLEV-default-VIP
  in_ns lb ip -6 rule del fwmark 1/0xffff
  in_ns lb ip route flush table 10002
  finds "IPv4, mangle: not as installed"
  says "IPv6, missing: not as installed"
  says "route replace default via 192.168.2.2"
  says "fwmark 2: packets to $VIP4 do not go to 192.168.2.2"
  lb sync
  run lb check
  [[ $output != *"not as installed"* && $output != *"do not go"* ]]
}

@test "the host: forwarding, rp_filter, a FORWARD policy" {
  lb install --iptables nft --return routed "${explicit[@]}"
  in_ns lb sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv6/conf/all/forwarding; echo 2 >/proc/sys/net/ipv4/conf/all/rp_filter'
  in_ns lb iptables-nft -P FORWARD DROP
  finds "IPv4 forwarding is off"
  says "IPv6 forwarding is off"
  says "rp_filter is 2 on in0"
  says "policy is DROP"
}

@test "marks of others within the mask" {
  lb install --iptables nft "${explicit[@]}"
  in_ns lb ip rule add pref 900 fwmark 0x2/0xf lookup 77
  in_ns lb ip rule add pref 901 fwmark 0x80000/0xff0000 lookup 78
  in_ns lb iptables-nft -t mangle -A FORWARD -j MARK --set-mark 0x4000/0x4000
  in_ns lb ip6tables-nft -A FORWARD -m mark --mark 0x1 -j ACCEPT
  finds "a policy rule of others takes packets with our fwmark 2"
  says "a rule of others changes bits of our mark mask 0xffff"
  says "a rule of others looks at bits"
  [[ $output != *0x80000* ]]
}

@test "a neighbour that does not answer" {
  lb install --iptables nft "${explicit[@]}"
  in_ns lb ip neigh replace 192.168.2.1 dev in0 nud failed
  finds "fwmark 1: 192.168.2.1 does not answer"
}

@test "SYN-only with direct return and bypass are explained, not condemned" {
  lb install --iptables nft --mode syn --queue-bypass "${explicit[@]}" --backend 3=192.168.2.3
  run lb check
  says "note: SYN-only with direct return"
  says "note: --queue-bypass is on"
  says "note: fwmark 3 has no IPv6 address"
}

@test "backends that changed since the last sync, and a source that is gone" {
  printf 'backend\tp\ta\t1\t1\tactive\tup\t192.168.2.1\t-\nservice\ts\tp\t%s/32\n' "$VIP4" >"$BATS_TEST_TMPDIR/plain"
  lb install --from "$BATS_TEST_TMPDIR/plain"
  printf 'backend\tp\tb\t2\t1\tactive\tup\t192.168.2.2\t-\n' >>"$BATS_TEST_TMPDIR/plain"
  finds "have changed since the last sync"
  says "now: backend 2 192.168.2.2 - b"
  rm "$BATS_TEST_TMPDIR/plain"
  run lb check
  says "note: cannot compare"
}

@test "JSON of show and check is JSON and says the same" {
  need jq
  lb install --reject-mark 9 --interface in0 "${explicit[@]}"
  [ "$(lb show --json | jq -c '[.instance, .reject_mark, .interfaces, (.vips | length), .backends[1].ip6, .packets.queued.ipv6]')" = \
    '["default",9,["in0"],3,"fd00:2::2",0]' ]
  run lb check --json
  [ "$status" -eq 1 ]
  [ "$(jq -r '.ok, (.findings[] | select(.what | test("queue 2")) | .level)' <<<"$output" | tr '\n' ' ')" = "false problem " ]
}

@test "check looks at what it is asked to, compares with what it is given, and tells what is installed" {
  need jq
  printf 'backend\tp\ta\t1\t1\tactive\tup\t192.168.2.1\t-\nservice\ts\tp\t%s/32\n' "$VIP4" >"$BATS_TEST_TMPDIR/plain"
  printf '#!/bin/sh\ncat "%s"\n' "$BATS_TEST_TMPDIR/plain" >"$BATS_TEST_TMPDIR/magctl"
  chmod +x "$BATS_TEST_TMPDIR/magctl"
  SYNLEV_MAGCTL=$BATS_TEST_TMPDIR/magctl lb install --interface in0
  # Nobody reads the queue, but that is not asked for
  run lb check --json --only records,rules --from - <"$BATS_TEST_TMPDIR/plain"
  [ "$status" -eq 0 ]
  [ "$(jq -c '[.settings.interfaces, .settings.queue, .settings.table_offset, .findings]' <<<"$output")" = '[["in0"],"2",10000,[]]' ]
  printf 'backend\tp\tb\t2\t1\tactive\tup\t192.168.2.2\t-\n' >>"$BATS_TEST_TMPDIR/plain"
  run lb check --json --only records,rules --from - <"$BATS_TEST_TMPDIR/plain"
  [ "$status" -eq 1 ]
  [ "$(jq -r '.findings[] | .area + ": " + .what' <<<"$output")" = "records: VIPs or backends have changed since the last sync" ]
}

@test "an ordinary user may try everything in namespaces of its own" {
  need setpriv
  run setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urnm true
  [ "$status" -eq 0 ] || cannot "the kernel gives ordinary users no namespaces"
  # The user may not be able to enter the directories above this one, so it gets a copy
  copy=$(mktemp -d)
  cp -r "$here/../lbrules" "$here/../lib" "$copy"
  chmod -R a+rX "$copy"
  for flavor in nft legacy; do
    run setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urnm bash -euc "
      cd /; ip link set lo up
      $copy/lbrules install --iptables $flavor --mode syn --return dnat --reject-mark 9 --vip $VIP4 --vip $VIP6 --backend 1=127.0.0.1,::1
      [ -z \"\$($copy/lbrules sync --dry-run)\" ]
      $copy/lbrules show >/dev/null
      $copy/lbrules remove
      ! ip rule | grep 'proto 83'
      ! iptables-$flavor-save | grep SYNLEV"
    [ "$status" -eq 0 ] || { rm -r "$copy"; echo "$flavor: $output"; return 1; }
  done
  rm -r "$copy"
}
