#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper
# What is in the kernel after each command: completely there, the same after a second time, completely gone.

load helper
bats_require_minimum_version 1.5.0

setup() {
  need_root
  make_balancer
}
teardown() { drop_namespaces; }

everything=(--mode syn --return routed --reject-mark 99)

for_each_mode() { # FLAVOR
  local mode back before installed
  before=$(dump lb)
  for mode in all syn; do
    for back in direct routed dnat; do
      lb install --iptables "$1" --mode $mode --return $back --reject-mark 99 "${explicit[@]}"
      installed=$(dump lb)
      [ "$installed" != "$before" ]
      [ -z "$(lb install --iptables "$1" --mode $mode --return $back --reject-mark 99 "${explicit[@]}" --dry-run)" ]
      lb remove
      same "$before" "$(dump lb)" || { echo "after $mode $back"; return 1; }
    done
  done
}

@test "legacy: every mode and return is whole at once, and gone without a trace" { for_each_mode legacy; }
@test "nft: every mode and return is whole at once, and gone without a trace" { for_each_mode nft; }

@test "queue range, bypass, interfaces, a full mask and a long name are installed as said" {
  before=$(dump lb)
  long=a-balancer-with.a_very-long-name
  options=(--instance "$long" --queue 0:3 --queue-bypass --interface in0 --interface 'in+' --mark-mask 0xffffffff --mode syn --return dnat "${explicit[@]}")
  for flavor in legacy nft; do
    lb install --iptables $flavor "${options[@]}"
    [ -z "$(lb install --iptables $flavor "${options[@]}" --dry-run)" ]
    run in_ns lb iptables-$flavor-save -t mangle
    says '--queue-balance 0:3 --queue-bypass'
    says "-d $VIP4/32 -i in+ -j SYNLEV-"
    run in_ns lb ip rule
    says "10001:	from all to $VIP4 lookup main suppress_prefixlength 0"
    says "10002:	from all to $VIP4 blackhole"
    # Routed return has a rule that asks for the mark 0, which ip prints without a mask when that is full
    options=("${options[@]/dnat/routed}")
    lb install --iptables $flavor "${options[@]}"
    [ -z "$(lb install --iptables $flavor "${options[@]}" --dry-run)" ]
    run in_ns lb ip rule
    says "10000:	from all to $VIP4 fwmark 0 iif lo ipproto icmp lookup"
    lb remove --instance $long
    same "$before" "$(dump lb)"
    options=("${options[@]/routed/dnat}")
  done
}

@test "a dry run prints a script that does the same, and changes nothing" {
  before=$(dump lb)
  script=$(lb install "${everything[@]}" "${explicit[@]}" --dry-run)
  same "$before" "$(dump lb)"
  in_ns lb bash -euo pipefail <<<"$script"
  [ -z "$(lb install "${everything[@]}" "${explicit[@]}" --dry-run)" ]
  script=$(lb remove --dry-run)
  in_ns lb bash -euo pipefail <<<"$script"
  run ! grep -q SYNLEV <(in_ns lb iptables-save)
}

@test "rules, policy rules and routes of others stay what they were" {
  in_ns lb iptables-nft -t mangle -A PREROUTING -j MARK --set-mark 0x10000/0x10000
  in_ns lb iptables-nft -t nat -A PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80
  in_ns lb ip6tables-nft -P FORWARD DROP
  in_ns lb ip rule add pref 10000 fwmark 0x70000/0xf0000 lookup 70
  in_ns lb ip route add 10.70.0.0/16 via 192.168.2.70 table 70
  in_ns lb ip route add 10.71.0.0/16 via 192.168.2.70 table 71 proto 83
  before=$(dump lb)
  lb install --mode syn --return dnat --reject-mark 99 "${explicit[@]}"
  lb remove
  same "$before" "$(dump lb)"
}

@test "tables in use and the system's are refused before anything is changed" {
  in_ns lb ip route add 10.70.0.0/16 via 192.168.2.70 table 10002
  in_ns lb ip -6 rule add from fd00:77::/64 lookup 20001
  before=$(dump lb)
  run lb install "${explicit[@]}"
  [ "$status" -eq 1 ]
  says "table 10002 holds the route"
  run lb install --table-offset 20000 "${explicit[@]}"
  [ "$status" -eq 1 ]
  says "table 20001 is looked up"
  run lb install --table-offset 252 "${explicit[@]}"
  [ "$status" -eq 1 ]
  says "253"
  run lb install "${explicit[@]}" --backend 9=10.200.0.1
  [ "$status" -eq 1 ]
  same "$before" "$(dump lb)"
  run lb install --table-offset 30000 "${explicit[@]}" --backend 9=10.200.0.1
  [ "$status" -eq 1 ]
  says "10.200.0.1 is on no network"
  same "$before" "$(dump lb)"
}

@test "two instances live side by side, and each is removed alone" {
  lb install "${everything[@]}" "${explicit[@]}"
  first=$(dump lb)
  run lb install --instance b --vip 10.8.0.0/32 --backend 3=192.168.2.3
  [ "$status" -eq 1 ]
  says "--rule-priority"
  run lb install --instance b --rule-priority 11000 --vip 10.8.0.0/32 --backend 1=192.168.2.3
  [ "$status" -eq 1 ]
  says "--table-offset"
  run lb install --instance b --rule-priority 11000 --table-offset 20000 --vip 10.8.0.0/32 --backend 1=192.168.2.3
  [ "$status" -eq 1 ]
  says "the fwmark 1 means a backend of another instance"
  same "$first" "$(dump lb)"
  lb install --instance b --rule-priority 11000 --table-offset 20000 --vip 10.8.0.0/32 --backend 3=192.168.2.3
  lb remove --instance b
  same "$first" "$(dump lb)"
}

@test "sync follows the file: new backends and VIPs come, old ones go, the others are not touched" {
  plain=$BATS_TEST_TMPDIR/plain
  t=$'\t'
  printf '%s\n' "instance${t}default${t}0xff" "pool${t}default${t}0" "backend${t}default${t}a${t}1${t}100${t}active${t}up${t}192.168.2.1${t}fd00:2::1" \
    "backend${t}default${t}b${t}2${t}100${t}inactive${t}down${t}192.168.2.2${t}-" "service${t}web${t}default${t}$VIP4/32,$VIP6/128" >"$plain"
  lb install --from "$plain" --mode syn --return routed
  run in_ns lb ip -4 rule
  says "fwmark 0x1/0xff lookup 10001"
  says "fwmark 0x2/0xff lookup 10002"
  in_ns lb iptables -t mangle -A SYNLEV-default-EST -j RETURN # stands for "touched"
  in_ns lb ip route show table 10001 >"$plain.before"
  sed -i -e "s/${t}b${t}2\(.*\)192.168.2.2/${t}c${t}3\1192.168.2.3/" "$plain"
  printf '%s\n' "service${t}dns${t}default${t}10.9.8.0/24" >>"$plain"
  run lb sync --dry-run
  [ "$(grep -c '^ip ' <<<"$output")" -eq 2 ] # one batch that adds and one that deletes: IPv6 stays
  [ "$(grep -v ' fwmark 0/' <<<"$output" | grep -cE "^(route|rule) .*(table|lookup) 10001")" -eq 0 ] || { echo "$output"; return 1; }
  lb sync
  run in_ns lb ip -4 rule
  says "fwmark 0x3/0xff lookup 10003"
  says "to 10.9.8.0/24 blackhole"
  [[ $output != *10002* ]]
  [ -z "$(in_ns lb ip route show table 10002 2>/dev/null)" ]
  [ -z "$(lb sync --dry-run)" ]
  lb remove
}

@test "sync gives a backend its new address by replacing the route" {
  lb install --vip "$VIP4" --backend 1=192.168.2.1 --backend 2=192.168.2.2
  run lb sync --vip "$VIP4" --backend 1=192.168.2.1 --backend 2=192.168.2.22 --dry-run
  says "route replace default via 192.168.2.22 table 10002"
  [[ $output != *del* ]]
  lb sync --vip "$VIP4" --backend 1=192.168.2.1 --backend 2=192.168.2.22
  [ "$(in_ns lb ip route show table 10002 | wc -l)" -eq 1 ]
}

@test "sync asks magctl when nothing else was said" {
  cat >"$BATS_TEST_TMPDIR/magctl" <<'END'
#!/bin/sh
[ "$*" = "show --plain --instance web" ] || exit 2
printf 'instance\tweb\t0xffff\nbackend\tdefault\ta\t1\t100\tactive\tup\t192.168.2.1\t-\nservice\ts\tdefault\t10.0.0.1/32\n'
END
  chmod +x "$BATS_TEST_TMPDIR/magctl"
  SYNLEV_MAGCTL=$BATS_TEST_TMPDIR/magctl lb install --instance web
  [ -z "$(SYNLEV_MAGCTL=$BATS_TEST_TMPDIR/magctl SYNLEV_INSTANCE=web lb sync --dry-run)" ]
  SYNLEV_MAGCTL=false run lb sync --instance web
  [ "$status" -eq 1 ]
  says "cannot read VIPs and backends from: magctl"
}

@test "another install changes mode, return, mask, offset and priority in place" {
  before=$(dump lb)
  lb install "${everything[@]}" "${explicit[@]}"
  lb install --mode all --return direct --mark-mask 0xff --table-offset 20000 --rule-priority 9000 "${explicit[@]}"
  changed=$(dump lb)
  lb remove
  same "$before" "$(dump lb)"
  lb install --mode all --return direct --mark-mask 0xff --table-offset 20000 --rule-priority 9000 "${explicit[@]}"
  ours='SYNLEV.* -j|-j SYNLEV|proto 83'
  same "$(grep -E "$ours" <<<"$changed")" "$(dump lb | grep -E "$ours")"
}

@test "what somebody flushed is found again by its protocol number" {
  before=$(dump lb)
  lb install --iptables nft "${everything[@]}" "${explicit[@]}"
  in_ns lb nft flush ruleset
  lb remove --iptables nft
  same "$before" "$(dump lb)"
  lb install --iptables nft "${everything[@]}" "${explicit[@]}"
  in_ns lb nft flush ruleset
  lb install --iptables nft "${everything[@]}" "${explicit[@]}"
  lb remove
  same "$before" "$(dump lb)"
}
