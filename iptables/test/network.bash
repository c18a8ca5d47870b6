# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # variables of helper; addresses and names are single words
# Real packets: client -- lb -- s1, s2, with direct links from the servers to the client. queue.py stands in for lbd and
# gives every packet the mark that is in the file "backend".

pids=()

make_network() {
  need_root
  need python3
  local n
  for n in c lb s1 s2; do make_namespace $n; done
  link c lb 192.168.1 fd00:1
  link lb s1 192.168.21 fd00:21
  link lb s2 192.168.22 fd00:22
  link s1 c 192.168.31 fd00:31
  link s2 c 192.168.32 fd00:32
  in_ns c ip -batch - <<END
address add 172.16.0.1/32 dev lo
address add fd00:c::1/128 dev lo nodad
route add 10.0.0.0/16 via 192.168.1.2 src 172.16.0.1
route add 1000::/64 via fd00:1::2 src fd00:c::1
END
  # The default route leads back to the client's side, as it does on a real balancer
  in_ns lb ip route add default via 192.168.1.1
  in_ns lb ip -6 route add default via fd00:1::1
  for n in s1 s2; do
    in_ns $n ip address add $VIP4/32 dev lo
    in_ns $n ip address add $VIP6/128 dev lo nodad
    ip netns exec "$prefix-$n" "$here/server.py" $n >"$BATS_TEST_TMPDIR/$n" 3>&- &
    pids+=($!)
  done
  settings=(--vip "$VIP4" --vip "$VIP6" --backend "1=192.168.21.2,fd00:21::2" --backend "2=192.168.22.2,fd00:22::2")
  until [[ -s $BATS_TEST_TMPDIR/s1 && -s $BATS_TEST_TMPDIR/s2 ]]; do :; done
}

drop_network() {
  ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
  drop_namespaces
}

link() { # A B PREFIX4 PREFIX6: A is .1, B is .2; each end is named after the other
  in_ns "$1" ip link add name "$2" type veth peer name "$1" netns "$prefix-$2"
  in_ns "$1" ip -batch - <<<"address add $3.1/24 dev $2
address add $4::1/64 dev $2 nodad
link set $2 up"
  in_ns "$2" ip -batch - <<<"address add $3.2/24 dev $1
address add $4::2/64 dev $1 nodad
link set $1 up"
}

answers_go_by() { # lb or c
  local n octet=2 last=1
  [[ $1 == lb ]] || octet=3 last=2
  for n in 1 2; do
    in_ns s$n ip route replace default via 192.168.$octet$n.$last
    in_ns s$n ip -6 route replace default via fd00:$octet$n::$last
  done
}

daemon() { # [MASK]: starts queue.py; the backend is 1
  echo 1 >"$BATS_TEST_TMPDIR/backend"
  : >"$BATS_TEST_TMPDIR/log"
  : >"$BATS_TEST_TMPDIR/bound"
  ip netns exec "$prefix-lb" "$here/queue.py" 2 "${1:-0xffff}" "$BATS_TEST_TMPDIR/backend" "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/bound" 3>&- &
  pids+=($!)
  until [[ -s $BATS_TEST_TMPDIR/bound ]]; do :; done
}
backend() { echo "$1" >"$BATS_TEST_TMPDIR/backend"; }
queued() { wc -l <"$BATS_TEST_TMPDIR/log"; }

ask() { # ADDRESS… -> who answered
  local address
  for address in "$@"; do
    in_ns c timeout 3 bash -c "exec 4<>/dev/tcp/$address/80 && echo >&4 && read -r line <&4 && echo \$line"
  done
}
