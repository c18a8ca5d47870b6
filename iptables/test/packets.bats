#!/usr/bin/env bats
# shellcheck disable=SC2034,SC2086,SC2154 # variables of helper; addresses and names are single words
# Real packets through rules of every kind.

load helper
load network
bats_require_minimum_version 1.5.0

setup() { make_network; }
teardown() { drop_network; }

# One long connection a family, begun while backend 1 is chosen: who answers it while 2 is, and how many packets of its
# later life were queued
long_connection() { # ADDRESS
  backend 1
  in_ns c timeout 5 bash -c "
    exec 4<>/dev/tcp/$1/80; echo >&4; read -r line <&4; echo \$line
    echo 2 >$BATS_TEST_TMPDIR/backend; before=\$(wc -l <$BATS_TEST_TMPDIR/log)
    for ((i = 0; i < 5; i++)); do echo >&4; read -r line <&4; done; echo \$line
    echo \$((\$(wc -l <$BATS_TEST_TMPDIR/log) - before))"
}

all_ways() { # FLAVOR
  local mode back address result
  daemon
  for back in direct routed dnat; do
    answers_go_by "$([[ $back == direct ]] && echo c || echo lb)"
    for mode in all syn; do
      echo "$1 $mode $back"
      lb install --iptables "$1" --mode $mode --return $back --interface c "${settings[@]}"
      backend 1
      [ "$(ask $VIP4 $VIP6 | tr '\n' ' ')" = "s1 s1 " ]
      backend 2
      [ "$(ask $VIP4 $VIP6 | tr '\n' ' ')" = "s2 s2 " ]
      for address in $VIP4 $VIP6; do
        [[ $mode$back != alldirect && $mode$back != allrouted && $mode$back != syndirect ]] || continue
        result=$(long_connection $address | tr '\n' ' ')
        if [[ $mode == syn ]]; then [ "$result" = "s1 s1 0 " ] || { echo "$result"; return 1; }
        else [[ $result == "s1 s1 "[1-9]* ]] || { echo "$result"; return 1; }; fi
        # Whoever counts or ends a backend's flows finds them by their mark
        in_ns lb conntrack -L -f "$([[ $address == *:* ]] && echo ipv6 || echo ipv4)" -d $address -m 1 2>/dev/null | grep -q mark=1
      done
      lb remove
    done
  done
}

@test "legacy: connections reach the marked backend in every mode and return, and SYN-only keeps them there" { all_ways legacy; }
@test "nft: connections reach the marked backend in every mode and return, and SYN-only keeps them there" { all_ways nft; }

@test "SYN-only with direct return works with every packet queued" {
  answers_go_by c
  daemon
  lb install --mode syn "${settings[@]}"
  [ "$(ask $VIP4)" = s1 ]
  (($(queued) >= 3)) # SYN, ACK, data at least
}

@test "bits of others survive in the mark and in the connection's mark" {
  answers_go_by lb
  daemon 0xff00
  for flavor in legacy nft; do
    echo $flavor
    : >"$BATS_TEST_TMPDIR/log"
    in_ns lb iptables-$flavor -t mangle -A PREROUTING -i c -j MARK --set-xmark 0x50005/0xff00ff
    in_ns lb iptables-$flavor -t mangle -A PREROUTING -i c -m conntrack --ctstate NEW -j CONNMARK --set-xmark 0x7000a/0xff00ff
    lb install --iptables $flavor --mark-mask 0xff00 --mode syn --return routed --vip $VIP4 --backend 0x100=192.168.21.2
    in_ns lb iptables-$flavor -t mangle -A FORWARD -d $VIP4 -m mark ! --mark 0x50105 -j DROP
    in_ns lb iptables-$flavor -t mangle -A FORWARD -d $VIP4 -m conntrack --ctstate ESTABLISHED -m connmark ! --mark 0x7010a -j DROP
    backend 0x100
    [ "$(ask $VIP4)" = s1 ]
    [ "$(sort -u "$BATS_TEST_TMPDIR/log")" = 0x50005 ]
    lb remove
    in_ns lb iptables-$flavor -t mangle -F
  done
}

@test "unserved flows are answered: TCP with a reset, the rest with port unreachable" {
  answers_go_by lb
  daemon
  backend 99
  for flavor in legacy nft; do
    echo $flavor
    lb install --iptables $flavor --mode syn --return routed --reject-mark 99 "${settings[@]}"
    for address in $VIP4 $VIP6; do
      run in_ns c timeout 3 bash -c "exec 4<>/dev/tcp/$address/80"
      says "Connection refused"
      run ! in_ns c ping -n -c 1 -W 2 $address
      shopt -s nocasematch
      says "port unreachable"
      shopt -u nocasematch
    done
    [ "$(lb show --json | sed 's/.*"rejected"://')" = '{"ipv4":2,"ipv6":2}}}' ]
    lb remove
  done
}

@test "without a mark no packet leaves, neither by the default route nor to a backend" {
  daemon
  backend 0
  in_ns lb iptables-legacy -t mangle -A POSTROUTING -d $VIP4
  in_ns lb ip6tables-legacy -t mangle -A POSTROUTING -d $VIP6
  for option in '' --queue-bypass; do
    for back in routed dnat; do
      # shellcheck disable=SC2086 # none or one
      lb install --iptables nft --return $back $option "${settings[@]}"
      run ! in_ns c ping -n -c 3 -i 0.1 -W 0.3 $VIP4
      run ! in_ns c ping -n -c 3 -i 0.1 -W 0.3 $VIP6
      run in_ns lb iptables-nft-save -c -t mangle
      says '[3:252] -A SYNLEV-default-PRE'
      lb remove
    done
  done
  # What an interface of lb sent towards a VIP
  run in_ns lb iptables-legacy-save -c -t mangle
  says '[0:0] -A POSTROUTING -d 10.0.0.1/32'
  run in_ns lb ip6tables-legacy-save -c -t mangle
  says '[0:0] -A POSTROUTING -d 1000::1/128'
}

@test "a mark whose backend is gone leads nowhere" {
  daemon
  backend 3
  lb install --return routed "${settings[@]}"
  run ! ask $VIP4
  [ "$(queued)" -ge 1 ]
}

@test "nobody at the queue: packets are dropped, or with bypass take a route of the main table" {
  answers_go_by lb
  lb install --return routed "${settings[@]}"
  in_ns lb ip route add $VIP4/32 via 192.168.22.2
  run ! ask $VIP4
  lb install --return routed --queue-bypass "${settings[@]}"
  [ "$(ask $VIP4)" = s2 ]
}

@test "a sync under traffic loses nothing of the backends that stay" {
  answers_go_by lb
  daemon
  lb install --mode syn --return routed "${settings[@]}"
  # With -w it waits for the 150th answer however late; without, for two round trips only
  ip netns exec "$prefix-c" ping -n -i 0.01 -c 150 -w 60 $VIP4 >"$BATS_TEST_TMPDIR/ping" 3>&- &
  pinging=$!
  for n in 1 2; do
    lb sync "${settings[@]}" --vip 10.0.9.0/24 --backend 3=192.168.22.9
    lb sync --vip $VIP4 --vip $VIP6 --backend 1=192.168.21.2,fd00:21::2
  done
  wait $pinging
  diff <(seq 150) <(sed -n 's/.*bytes from .*icmp_seq=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/ping")
}

@test "balanced queues: packets go to the queues of the range" {
  lb install --queue 4:7 "${settings[@]}"
  run ! in_ns c ping -n -c 1 -W 0.2 $VIP4
  run in_ns lb iptables-save -c -t mangle
  says '[1:84] -A SYNLEV-default-VIP -j NFQUEUE --queue-balance 4:7'
}

@test "check is content with a balancer that works, and not without its daemon" {
  answers_go_by lb
  daemon
  lb install --mode syn --return routed "${settings[@]}"
  [ "$(ask $VIP4 $VIP6 | tr '\n' ' ')" = "s1 s1 " ]
  run lb check
  echo "$output"
  [ "$status" -eq 0 ]
  kill "${pids[2]}"
  wait "${pids[2]}" || true
  run lb check
  [ "$status" -eq 1 ]
  says "nobody reads queue 2"
}
