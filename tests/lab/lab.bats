#!/usr/bin/env bats
# Tests of the lab itself and of the peers in it. Run: make -C tests/peers && bats tests/lab/lab.bats
# Needs root, or runs inside 'lab userns bats tests/lab/lab.bats'.

bats_require_minimum_version 1.5.0

setup() {
  PATH=$BATS_TEST_DIRNAME:$PATH
  peers=$BATS_TEST_DIRNAME/../peers/target
  lab=bats-$$-$BATS_TEST_NUMBER
  [[ $EUID -eq 0 ]] || unavailable "needs root: run 'tests/lab/lab userns bats tests/lab/lab.bats'"
  [[ -x $peers/udpsink ]] || unavailable "needs the peers: run 'make -C tests/peers'"
}

unavailable() {
  [[ -z ${CI-} ]] || { echo "$1" >&2; return 1; }
  skip "$1"
}

teardown() {
  [[ ! -d /run/synlev-lab/$lab ]] || lab down "$lab"
}

# Plain kernel balancing, so that these tests need none of ours
spread() {
  local i v4=() v6=()
  for i in 1 2 3 4; do
    v4+=(nexthop via "192.168.2.$i" dev "s$i")
    v6+=(nexthop via "fd00:2::$i" dev "s$i")
  done
  lab exec "$lab" lb sysctl -qw net.ipv4.fib_multipath_hash_policy=1 net.ipv6.fib_multipath_hash_policy=1
  lab exec "$lab" lb ip route add 10.0.0.0/32 "${v4[@]}"
  lab exec "$lab" lb ip route add 1000::/128 "${v6[@]}"
}

on_servers() {
  local i
  for i in 1 2 3 4; do lab exec "$lab" "s$i" "$@" --background --out "$BATS_TEST_TMPDIR/s$i.json"; done
}

# At most 5 s
until_true() {
  local deadline=$((SECONDS + 5))
  until "$@"; do
    [[ $SECONDS -lt $deadline ]] || return 1
    read -rt 0.02 <> <(:) || true
  done
}

# Ends the peers of the servers and waits for their reports
reports() {
  local i
  lab down "$lab"
  for i in 1 2 3 4; do
    until_true test -s "$BATS_TEST_TMPDIR/s$i.json"
  done
  cat "$BATS_TEST_TMPDIR"/s?.json
}

@test "every node reaches every server over IPv4 and IPv6" {
  lab up "$lab"
  for address in 192.168.2.1 192.168.2.4 fd00:2::1 fd00:2::4; do
    lab exec "$lab" client ping -c1 -W2 "$address"
    lab exec "$lab" lb ping -c1 -W2 "$address"
  done
}

@test "answers travel directly, or through lb" {
  lab up "$lab"
  [[ $(lab exec "$lab" s1 ip route get 50.0.0.9) == *"dev client"* ]]
  lab down "$lab"
  lab up "$lab" --return routed
  [[ $(lab exec "$lab" s1 ip route get 50.0.0.9) == *"dev lb"* ]]
  [[ $(lab exec "$lab" s1 ip -6 route get 2000::9) == *"dev lb"* ]]
}

@test "servers have the VIPs, except with dnat" {
  lab up "$lab" --vip 10.0.0.0/24 --vip 1000::/112
  [[ $(lab exec "$lab" s2 ip route get 10.0.0.77) == local* ]]
  [[ $(lab exec "$lab" s2 ip -6 route get 1000::77) == local* ]]
  lab down "$lab"
  lab up "$lab" --return dnat
  run ! grep -q 10.0.0.0 <(lab exec "$lab" s2 ip address)
}

@test "a router with a narrow link says so to the sender" {
  for return in direct routed; do
    lab up "$lab" --return "$return" --narrow 1300
    run lab exec "$lab" s1 ping -I 192.168.2.1 -M "do" -s 1400 -c1 -W2 50.0.0.7
    [[ $output == *"From 192.168."[45]".254 "*"mtu = 1300"* ]]
    run lab exec "$lab" s1 ping -I fd00:2::1 -M "do" -s 1400 -c1 -W2 2000::7
    [[ $output == *"Packet too big: mtu=1300"* ]]
    lab exec "$lab" s1 ping -I 192.168.2.1 -M "do" -s 1200 -c1 -W2 50.0.0.7
    lab exec "$lab" client ping -s 1400 -c1 -W2 192.168.2.1
    run lab exec "$lab" router ip route get 10.0.0.0
    [[ $output == *"via 192.168.4.1 dev client"* ]]
    lab down "$lab"
  done
}

@test "several balancers share the work behind a router" {
  lab up "$lab" --balancers 3 --backends 2
  for k in 1 2 3; do
    for address in "192.168.2$k.2" "fd00:2$k::2" "192.168.7.$((k % 3 + 1))" "fd00:7::$((k % 3 + 1))"; do
      lab exec "$lab" "lb$k" ping -c1 -W2 "$address"
    done
    lab exec "$lab" client ping -c1 -W2 -I 50.0.0.7 "192.168.6.$k"
    lab exec "$lab" "lb$k" ip route add 10.0.0.0/32 via "192.168.2$k.1"
    lab exec "$lab" "lb$k" ip route add 1000::/128 via "fd00:2$k::1"
  done
  lab exec "$lab" s1 udpsink --background --out "$BATS_TEST_TMPDIR/s1.json"
  lab exec "$lab" client udpload --from 50.0.0.0/16 --count 300 10.0.0.0 5001
  lab exec "$lab" client udpload --from 2000::/112 --count 300 1000:: 5001
  for k in 1 2 3; do
    [[ $(lab exec "$lab" ecmp cat "/proc/net/dev" | awk -v dev="lb$k:" '$1 == dev { print $10 }') -gt 100 ]]
  done
  lab down "$lab"
  until_true test -s "$BATS_TEST_TMPDIR/s1.json"
  run -2 lab up "$lab" --balancers 3 --return routed
}

@test "each node has a directory for what lbd leaves, and down removes mounts in it" {
  lab up "$lab" --backends 1
  run=$(lab exec "$lab" lb printenv SYNLEV_RUN_DIR)
  [[ $run == /run/synlev-lab/$lab/run/lb && $(lab exec "$lab" client printenv SYNLEV_RUN_DIR) != "$run" ]]
  mkdir -p "$run/default/bpf"
  mount -t tmpfs tmpfs "$run/default/bpf"
  lab down "$lab"
  [[ ! -e $run ]]
  run ! grep -q "$lab" /proc/self/mounts
}

@test "two labs at once do not see each other" {
  lab up "$lab"
  lab up "$lab-b" --backends 2
  lab exec "$lab-b" client ping -c1 -W2 192.168.2.2
  run ! lab exec "$lab-b" client ping -c1 -W1 192.168.2.3
  lab down "$lab-b"
  lab exec "$lab" client ping -c1 -W2 192.168.2.3
}

@test "down ends what runs in the lab, and leaves no namespace" {
  lab up "$lab"
  pid=$(lab exec "$lab" s1 whoserver --background)
  readlink "/proc/$pid/ns/net"
  lab down "$lab"
  run ! readlink "/proc/$pid/ns/net" # a process, even if nobody has reaped it, lives in no namespace once it has ended
  run ! grep -q "^$lab-" <(ip netns list)
}

@test "run passes the exit status on and removes the lab, also when it is ended" {
  # shellcheck disable=SC2016 # for the inner shell
  run lab run "$lab" -- sh -c 'lab exec "$LAB_NAME" client true && exit 7'
  [[ $status -eq 7 && ! -e /run/synlev-lab/$lab ]]
  lab run "$lab" -- sh -c "echo up >$BATS_TEST_TMPDIR/up; exec sleep 60" &
  pid=$!
  until_true test -s "$BATS_TEST_TMPDIR/up"
  kill -TERM "$pid"
  status=0
  wait "$pid" || status=$?
  [[ $status -eq 143 && ! -e /run/synlev-lab/$lab ]]
}

@test "wrong usage names the value and makes nothing" {
  for words in "up Bad" "up $lab --backends 101" "up $lab --return nat" "up $lab --mtu 500" "up $lab --narrow 1200" "up $lab --narrow 1600" "up $lab --vip x" "frobnicate" "run $lab"; do
    # shellcheck disable=SC2086 # several words
    run lab $words
    [[ $status -eq 2 ]]
  done
  run lab up "$lab" --vip 10.0.0.0.0/32
  [[ $status -eq 1 && ! -e /run/synlev-lab/$lab ]]
}

@test "tcpload counts each connection at one server" {
  lab up "$lab"
  spread
  on_servers whoserver
  run lab exec "$lab" client tcpload --strict --from 2000::/112 --count 400 1000:: 5001
  [[ $status -eq 0 && $output == *'"connections":400,"failed":0'* ]]
  run lab exec "$lab" client tcpload --strict --from 50.0.0.0/16 --count 400 10.0.0.0 5001
  [[ $status -eq 0 ]]
  run lab exec "$lab" client tcpload --strict --count 5 10.0.0.0 9
  [[ $status -eq 1 && $output == *'"ECONNREFUSED":5'* ]]
  [[ $(reports | jq -s 'map(.connections) | add') -eq 800 ]]
}

@test "udpsink proves that each datagram came exactly once" {
  lab up "$lab"
  spread
  on_servers udpsink
  lab exec "$lab" client udpload --from 50.0.0.0/16 --sources 500 --count 10000 --pps 20000 10.0.0.0 5001 >"$BATS_TEST_TMPDIR/sent.json"
  reports >"$BATS_TEST_TMPDIR/seen.json"
  [[ $(jq -s 'map(.received) | add' "$BATS_TEST_TMPDIR/seen.json") -eq 10000 ]]
  [[ $(jq -s 'map(.flows) | add' "$BATS_TEST_TMPDIR/seen.json") -eq $(jq .flows "$BATS_TEST_TMPDIR/sent.json") ]]
  [[ $(jq -s 'map(.sequence_sum) | add' "$BATS_TEST_TMPDIR/seen.json") -eq $(jq .sequence_sum "$BATS_TEST_TMPDIR/sent.json") ]]
}
