#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper
# What can be said on the command line. Needs no privileges.

load helper

@test "every command explains itself with an example" {
  for command in install sync show check remove; do
    run "$lbrules" $command --help
    [ "$status" -eq 0 ]
    says "Usage: lbrules $command"
    says "  lbrules $command"
  done
}

@test "wrong usage ends with 2 and a remedy" {
  for line in "" "bake" "install --mood syn" "install --mode sun" "install extra" "install --vip" "install --vip 10.0.0.300" \
    "install --vip 0.0.0.0/0" "install --vip 1000::/129" "install --vip 10.0.0.1 --backend 5" "install --vip 10.0.0.1 --backend x=1.2.3.4" \
    "install --vip 10.0.0.1 --backend 5=1.2.3" "install --vip 10.0.0.1 --queue 3:1" "install --vip 10.0.0.1 --queue 70000" \
    "install --vip 10.0.0.1 --mark-mask 0" "install --backend 1=1.2.3.4" "install --vip 10.0.0.1 --rule-priority 32766" \
    "show --instance a/b" "show --dry-run" "check --iptables ebtables" "install --vip 10.0.0.1 --return home" "install --queue-bypass=yes"; do
    # shellcheck disable=SC2086 # words
    run unshare -rn "$lbrules" $line
    [ "$status" -eq 2 ] || { echo "'$line' ended with $status: $output"; return 1; }
    [ -n "$output" ]
  done
}

@test "addresses are brought into the spelling that the kernel's tools print" {
  # shellcheck source=../lib/address.sh
  . "$here/../lib/address.sh"
  # Expected: RFC 5952 and inet_ntop(3)
  while read -r given expected; do
    canonical_prefix "$given"
    [ "$REPLY" = "$expected" ] || { echo "$given became $REPLY, not $expected"; return 1; }
  done <<'END'
10.0.0.5/24 10.0.0.0/24
10.0.0.1 10.0.0.1/32
1000:0:0::1 1000::1/128
2001:DB8:0:0:1:0:0:1 2001:db8::1:0:0:1/128
2001:db8:ffff:ffff::/33 2001:db8:8000::/33
1:0:3:4:5:6:7:8 1:0:3:4:5:6:7:8/128
::2:3:4:5:6:7:8 0:2:3:4:5:6:7:8/128
1:2:3:4:5:6:7:: 1:2:3:4:5:6:7:0/128
::1 ::1/128
END
  for bad in 1.2.3 256.1.1.1 01.2.3.4 1::2::3 1:2:3 :1::2 ::ffff:1.2.3.4 12345:: 10.0.0.0/33 x; do
    ! canonical_prefix "$bad" || { echo "$bad became $REPLY"; return 1; }
  done
}

@test "marks have to fit the mask and be one backend's" {
  run unshare -rn "$lbrules" install --vip 10.0.0.1 --backend 256=192.168.2.1 --mark-mask 0xff
  [ "$status" -eq 1 ]
  says "256 does not fit the mask 0xff"
  run unshare -rn "$lbrules" install --vip 10.0.0.1 --backend 5=192.168.2.1 --backend 5=192.168.2.2
  [ "$status" -eq 1 ]
  says "two backends have the fwmark 5"
  run unshare -rn "$lbrules" install --vip 10.0.0.1 --backend 5=192.168.2.1 --reject-mark 5
  [ "$status" -eq 1 ]
  says "both a backend's and --reject-mark"
}

@test "without the capability it says so" {
  [ "$(id -u)" -eq 0 ] || cannot "needs root to drop a capability"
  need setpriv
  run setpriv --bounding-set -net_admin --inh-caps -net_admin "$lbrules" install --vip 10.0.0.1
  [ "$status" -eq 1 ]
  says CAP_NET_ADMIN
}
