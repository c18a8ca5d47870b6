# shellcheck shell=bash disable=SC2154 # the lab_* variables are set by lab
# What a lab consists of. Sourced by lab; knows the addresses, makes nothing but namespaces, links and routes.
# An interface bears the name of the node at its other end. Every link is point to point (/32 and /128), so that
# lb is .254 on all its links and a server's last number is its own.

# link kind 1: client-lb, 2: lb-server, 3: client-server (direct; with a router, router-server), 4: client-router, 5: lb-router
# With --balancers: 1: client-ecmp, 6: ecmp-lbK, 7: lbI-lbK, 20+K: lbK-server
v4() { printf '192.168.%d.%s' "$1" "$2"; }
v6() { printf 'fd00:%d::%s' "$1" "$2"; }

# With --narrow a router stands where answers travel: between the servers (direct return) or lb (otherwise) and the client.
has_router() { [[ -n $lab_narrow ]]; }
routes_servers() { has_router && [[ $lab_return == direct ]]; } # whether it is the other end of the direct links
routes_lb() { has_router && [[ $lab_return != direct ]]; }

# With --balancers there are lb1, lb2, … instead of lb, each linked to all others, and the router ecmp ahead of them.
has_tier() { ((lab_balancers > 1)); }
balancers() {
  local k
  if has_tier; then for ((k = 1; k <= lab_balancers; k++)); do echo "lb$k"; done; else echo lb; fi
}
other_balancers() { balancers | grep -vx "$1" || true; } # NODE

# Options of addresses and routes that depend on the family
is_v6() { [[ $1 == *:* ]]; }
is_host() { [[ $1 == *:*/128 || $1 != *:* && $1 == */32 ]]; }

# The kernel acts at once on the carrier of a device whose index differs from its peer's; on others up to a second
# later (linkwatch_urgent_event in net/core/link_watch.c). Hence the indices.
veth() { # NODE DEVICE INDEX PEER-NODE PEER-DEVICE PEER-INDEX; uses name
  echo "link add $2 index $3 netns $name-$1 type veth peer name $5 index $6 netns $name-$4"
}

# One end of a link
link_end() { # DEVICE KIND OWN PEER
  cat <<END
address add $(v4 "$2" "$3") peer $(v4 "$2" "$4")/32 dev $1
address add $(v6 "$2" "$3") peer $(v6 "$2" "$4")/128 dev $1 nodad
END
}

# The devices of a node
links() { # NODE
  case $1 in
    client) if has_tier; then echo ecmp; else echo lb; fi; ! has_router || echo router ;;
    lb) echo client; ! routes_lb || echo router ;;
    lb*) echo ecmp; other_balancers "$1" ;;
    ecmp) echo client; balancers ;;
    router) echo client; ! routes_lb || echo lb ;;
    *) balancers; echo client ;;
  esac
  case $1 in
    client) routes_servers || servers ;;
    router) ! routes_servers || servers ;;
    lb*) servers ;;
  esac
}

links_up() { # NODE
  echo "link set lo up"
  links "$1" | sed "s/.*/link set & mtu $lab_mtu up/"
  case $1 in
    client) ! has_router || echo "link set router mtu $lab_narrow" ;;
    router) echo "link set client mtu $lab_narrow" ;;
  esac
}

# A set of addresses that belongs to the node: a host address on lo, or a prefix as a local route
own_addresses() { # CIDR…
  local cidr
  for cidr; do
    if is_host "$cidr"; then
      echo "address add $cidr dev lo$(! is_v6 "$cidr" || echo ' nodad')"
    else
      echo "route add local $cidr dev lo"
    fi
  done
}

to_servers() { if has_tier; then echo $((20 + ${1#lb})); else echo 2; fi; } # BALANCER: the kind of those links

addresses_of() { # NODE
  local i
  case $1 in
    client)
      link_end "$(links client | head -n 1)" 1 1 254
      ! has_router || link_end router 4 1 254
      ;;
    lb)
      link_end client 1 254 1
      ! routes_lb || link_end router 5 1 254
      ;;
    lb*)
      link_end ecmp 6 "${1#lb}" 254
      for i in $(other_balancers "$1"); do link_end "$i" 7 "${1#lb}" "${i#lb}"; done
      ;;
    ecmp)
      link_end client 1 254 1
      for i in $(balancers); do link_end "$i" 6 254 "${i#lb}"; done
      return
      ;;
    router)
      link_end client 4 254 1
      ! routes_lb || link_end lb 5 254 1
      ;;
    s*)
      for i in $(balancers); do link_end "$i" "$(to_servers "$i")" "${1#s}" 254; done
      link_end client 3 "${1#s}" 254
      [[ $lab_return == dnat ]] || own_addresses "${lab_vips[@]}"
      return
      ;;
  esac
  for i in $(links "$1" | grep '^s'); do
    if [[ $1 == lb* ]]; then link_end "$i" "$(to_servers "$1")" 254 "${i#s}"; else link_end "$i" 3 254 "${i#s}"; fi
  done
  [[ $1 != client ]] || own_addresses "${lab_sources[@]}"
}

# lb has no default route: what has a VIP and no mark goes nowhere instead of back to the client and round again.
routes_of() { # NODE
  local cidr kind=2 next=254
  case $1 in
    client) kind=1 ;;
    lb* | ecmp)
      kind=1 next=1
      ! routes_lb || kind=5 next=254
      [[ $1 != lb?* ]] || kind=6 next=254
      for cidr in "${lab_sources[@]}"; do
        if is_v6 "$cidr"; then echo "route add $cidr via $(v6 $kind $next)"; else echo "route add $cidr via $(v4 $kind $next)"; fi
      done
      [[ $1 != ecmp ]] || for cidr in "${lab_vips[@]}"; do multipath "$cidr"; done
      return
      ;;
    # Also what it says of answers, to a VIP: by the client, which stands for the rest of the world, to lb
    router) kind=4 next=1 ;;
    *) [[ $lab_return != direct ]] || kind=3 ;;
  esac
  echo "route add default via $(v4 $kind $next)"
  echo "route add ::/0 via $(v6 $kind $next)"
}

# A VIP's route to all balancers
multipath() { # CIDR
  local next=() i
  for i in $(balancers); do
    if is_v6 "$1"; then next+=("nexthop via $(v6 6 "${i#lb}") dev $i"); else next+=("nexthop via $(v4 6 "${i#lb}") dev $i"); fi
  done
  echo "route add $1 ${next[*]}"
}

servers() {
  local i
  for ((i = 1; i <= lab_backends; i++)); do echo "s$i"; done
}

nodes() {
  echo client
  balancers
  ! has_tier || echo ecmp
  ! has_router || echo router
  servers
}

# "default" before the links exist, so that they are born with it. Asymmetric paths are the purpose of direct return,
# hence no reverse path filter anywhere.
sysctls() {
  cat <<'END'
ipv4/conf/all/rp_filter 0
ipv4/conf/default/rp_filter 0
ipv4/ip_forward 1
ipv6/conf/all/disable_ipv6 0
ipv6/conf/default/disable_ipv6 0
ipv6/conf/all/accept_dad 0
ipv6/conf/default/accept_dad 0
ipv6/conf/all/forwarding 1
ipv6/conf/default/forwarding 1
END
}

in_node() { nsenter --net="$netns_dir/$1-$2" -- "${@:3}"; } # LAB NODE CMD…

# All pairs of devices, as ip batch lines; uses name
all_links() {
  local i k j
  if has_tier; then veth client ecmp 1000 ecmp client 9000; else veth client lb 1000 lb client 2000; fi
  for ((i = 1; i <= lab_backends; i++)); do
    if ! has_tier; then veth lb "s$i" $((2000 + i)) "s$i" lb 3001; fi
    if routes_servers; then veth router "s$i" $((4000 + i)) "s$i" client 3002; else veth client "s$i" $((1000 + i)) "s$i" client 3002; fi
  done
  ! has_router || veth client router 1900 router client 4900
  ! routes_lb || veth lb router 2900 router lb 4901
  has_tier || return 0
  for ((k = 1; k <= lab_balancers; k++)); do
    veth ecmp "lb$k" $((9000 + k)) "lb$k" ecmp 5000
    for ((i = 1; i <= lab_backends; i++)); do veth "lb$k" "s$i" $((5000 + i)) "s$i" "lb$k" $((3010 + k)); done
    for ((j = k + 1; j <= lab_balancers; j++)); do veth "lb$k" "lb$j" $((6000 + j)) "lb$j" "lb$k" $((7000 + k)); done
  done
}

build() { # NAME; says what failed on stderr and returns non-zero
  local name=$1 node
  nodes | sed "s/^/netns add $name-/" | ip -batch - || return
  while read -r node; do
    # /proc/sys/net shows the namespace of whoever looks
    # shellcheck disable=SC2016 # expanded by the inner shell
    sysctls | in_node "$name" "$node" bash -c 'while read -r key value; do echo "$value" >"/proc/sys/net/$key" || exit; done' || return
  done < <(nodes)
  # Lets programs that know no freebind (ping, curl --interface) use the IPv6 source addresses too
  in_node "$name" client bash -c 'echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind' || return
  # Whole packets are spread by addresses and ports
  ! has_tier || in_node "$name" ecmp bash -c 'echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy && echo 1 >/proc/sys/net/ipv6/fib_multipath_hash_policy' || return
  all_links | ip -batch - || return
  while read -r node; do links_up "$node" | ip -n "$name-$node" -batch - || return; done < <(nodes)
  while read -r node; do addresses_of "$node" | ip -n "$name-$node" -batch - || return; done < <(nodes)
  while read -r node; do
    settle "$name-$node" "$(addresses_of "$node" | grep -c '^address.*:')" || return
    routes_of "$node" | ip -n "$name-$node" -batch - || return
  done < <(nodes)
}

# The kernel completes IPv6 addresses in the background (addrconf_dad_work); only then do their routes exist.
settle() { # NAMESPACE IPV6-ADDRESSES
  local tries
  for tries in {1..200}; do
    [[ $(ip -n "$1" -6 route show table local | grep -v -e '^local fe80:' -e '^local ::1 ' | grep -c '^local [^/]* dev') -lt $2 ]] || return 0
    sleep 0.02
  done
  echo "only some of the $2 IPv6 addresses of $1 were ready after $tries tries (4 s)" >&2
  return 1
}

# Tab-separated, for people and scripts
describe() { # NAME
  local i kind
  printf 'lab\t%s\treturn %s\tmtu %d\n' "$1" "$lab_return" "$lab_mtu"
  printf 'vip\t%s\n' "${lab_vips[@]}"
  printf 'srccidr\t%s\n' "${lab_sources[@]}"
  printf 'node\tclient\t%s\t%s\n' "$(v4 1 1)" "$(v6 1 1)"
  if has_tier; then
    printf 'node\tecmp\t%s\t%s\n' "$(v4 1 254)" "$(v6 1 254)"
    for i in $(balancers); do printf 'node\t%s\t%s\t%s\n' "$i" "$(v4 7 "${i#lb}")" "$(v6 7 "${i#lb}")"; done
  else
    printf 'node\tlb\t%s\t%s\n' "$(v4 1 254)" "$(v6 1 254)"
  fi
  ! has_router || printf 'node\trouter\t%s\t%s\tmtu %d\n' "$(v4 4 254)" "$(v6 4 254)" "$lab_narrow"
  kind=$(to_servers lb1)
  for ((i = 1; i <= lab_backends; i++)); do printf 'node\ts%d\t%s\t%s\n' "$i" "$(v4 "$kind" "$i")" "$(v6 "$kind" "$i")"; done
}
