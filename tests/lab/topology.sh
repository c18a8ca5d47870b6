# shellcheck shell=bash disable=SC2154 # the lab_* variables are set by lab
# What a lab consists of. Sourced by lab; knows the addresses, makes nothing but namespaces, links and routes.
# An interface bears the name of the node at its other end. Every link is point to point (/32 and /128), so that
# lb is .254 on all its links and a server's last number is its own.

v4() { printf '192.168.%d.%s' "$1" "$2"; }   # link kind 1: client-lb, 2: lb-server, 3: client-server (direct)
v6() { printf 'fd00:%d::%s' "$1" "$2"; }

# Options of addresses and routes that depend on the family
is_v6() { [[ $1 == *:* ]]; }
is_host() { [[ $1 == *:*/128 || $1 != *:* && $1 == */32 ]]; }

# One end of a link: its device, both addresses, then up
link_end() { # DEVICE KIND OWN PEER
  cat <<END
link set $1 mtu $lab_mtu up
address add $(v4 "$2" "$3") peer $(v4 "$2" "$4")/32 dev $1
address add $(v6 "$2" "$3") peer $(v6 "$2" "$4")/128 dev $1 nodad
END
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

client_setup() {
  local i
  echo "link set lo up"
  link_end lb 1 1 254
  for ((i = 1; i <= lab_backends; i++)); do link_end "s$i" 3 254 "$i"; done
  echo "route add default via $(v4 1 254)"
  echo "route add ::/0 via $(v6 1 254)"
  own_addresses "${lab_sources[@]}"
}

# No default route: what has a VIP and no mark goes nowhere instead of back to the client and round again.
lb_setup() {
  local i cidr
  echo "link set lo up"
  link_end client 1 254 1
  for ((i = 1; i <= lab_backends; i++)); do link_end "s$i" 2 254 "$i"; done
  for cidr in "${lab_sources[@]}"; do
    if is_v6 "$cidr"; then echo "route add $cidr via $(v6 1 1)"; else echo "route add $cidr via $(v4 1 1)"; fi
  done
}

server_setup() { # NUMBER
  echo "link set lo up"
  link_end lb 2 "$1" 254
  link_end client 3 "$1" 254
  local kind=2
  [[ $lab_return != direct ]] || kind=3
  echo "route add default via $(v4 $kind 254)"
  echo "route add ::/0 via $(v6 $kind 254)"
  [[ $lab_return == dnat ]] || own_addresses "${lab_vips[@]}"
}

nodes() {
  local i
  echo client
  echo lb
  for ((i = 1; i <= lab_backends; i++)); do echo "s$i"; done
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

build() { # NAME; says what failed on stderr and returns non-zero
  local name=$1 node i
  nodes | sed "s/^/netns add $name-/" | ip -batch - || return
  while read -r node; do
    # /proc/sys/net shows the namespace of whoever looks
    # shellcheck disable=SC2016 # expanded by the inner shell
    sysctls | in_node "$name" "$node" bash -c 'while read -r key value; do echo "$value" >"/proc/sys/net/$key" || exit; done' || return
  done < <(nodes)
  # Lets programs that know no freebind (ping, curl --interface) use the IPv6 source addresses too
  in_node "$name" client bash -c 'echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind' || return
  {
    echo "link add lb netns $name-client type veth peer name client netns $name-lb"
    for ((i = 1; i <= lab_backends; i++)); do
      echo "link add s$i netns $name-lb type veth peer name lb netns $name-s$i"
      echo "link add s$i netns $name-client type veth peer name client netns $name-s$i"
    done
  } | ip -batch - || return
  client_setup | ip -n "$name-client" -batch - || return
  lb_setup | ip -n "$name-lb" -batch - || return
  for ((i = 1; i <= lab_backends; i++)); do server_setup "$i" | ip -n "$name-s$i" -batch - || return; done
  wait_for_links "$name"
}

# A link counts as up for IPv6 only after the kernel's link watch has run (at most a second later)
wait_for_links() { # NAME
  local tries
  for tries in {1..60}; do
    if ! ip -n "$1-client" -brief link show up | grep -qv -e ' UP ' -e '^lo ' \
      && ! ip -n "$1-lb" -brief link show up | grep -qv -e ' UP ' -e '^lo '; then
      return 0
    fi
    sleep 0.05
  done
  echo "the links of $1 did not come up within 3 s (try $tries)" >&2
  return 1
}

# Tab-separated, for people and scripts
describe() { # NAME
  local i
  printf 'lab\t%s\treturn %s\tmtu %d\n' "$1" "$lab_return" "$lab_mtu"
  printf 'vip\t%s\n' "${lab_vips[@]}"
  printf 'srccidr\t%s\n' "${lab_sources[@]}"
  printf 'node\tclient\t%s\t%s\n' "$(v4 1 1)" "$(v6 1 1)"
  printf 'node\tlb\t%s\t%s\n' "$(v4 1 254)" "$(v6 1 254)"
  for ((i = 1; i <= lab_backends; i++)); do printf 'node\ts%d\t%s\t%s\n' "$i" "$(v4 2 "$i")" "$(v6 2 "$i")"; done
}
