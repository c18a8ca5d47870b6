# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# What settings mean as netfilter rules, policy rules and routes: pure text, in the exact spelling that iptables-save
# and `ip -N` print, so that what is there can be compared with what is wanted.

# Loops over backends start no process: a thousand backends are a thousand lines, not a thousand forks.
mark_test() { # NUMBER -> REPLY, e.g. 0x5/0xffff
  printf -v REPLY '0x%x' "$1"
  ((set_[mask] == 0xffffffff)) || REPLY+=/${set_[mask]}
}
# Whether packets may bear our mark before they come to mangle PREROUTING
is_marked_before() { [[ ${set_[fragments]} != - || ${set_[mode]} == tc ]]; }
needs_marks_routed() { [[ ${set_[return]} != dnat ]]; }
# With routed return this host is a router on the way of the answers: its own kernel says that one is too big, say, and
# that must go to the backend like any router's ICMP error. It comes by OUTPUT.
makes_errors() { [[ ${set_[return]} == routed ]]; }
icmp_number() { if [[ $1 == 4 ]]; then echo 1; else echo 58; fi; }
icmp_of() { if [[ $1 == 4 ]]; then echo icmp; else echo ipv6-icmp; fi; }
vips() { if [[ $1 == 4 ]]; then echo "${vips4[*]-}"; else echo "${vips6[*]-}"; fi; }

# "FWMARK ADDRESS" of each backend that has an address in the family
backend_addresses() { # FAMILY
  local backend mark ip4 ip6 _name
  for backend in "${backends[@]}"; do
    read -r mark ip4 ip6 _name <<<"$backend"
    [[ $1 == 4 ]] || ip4=$ip6
    [[ $ip4 == - ]] || echo "$mark $ip4"
  done
}

# Some tools print a single address without its prefix length
bare_host() { # PREFIX -> REPLY
  REPLY=${1%/32}
  ! is_v6 "$1" || REPLY=${1%/128}
}

queue_target() {
  if [[ ${set_[queue]} == *:* ]]; then printf -- '-j NFQUEUE --queue-balance %s' "${set_[queue]}"
  else printf -- '-j NFQUEUE --queue-num %s' "${set_[queue]}"; fi
  [[ ${set_[bypass]} == no ]] || printf ' --queue-bypass'
}

# Chains of ours in a table, with its rules: lines ":CHAIN" and "-A CHAIN …"; then what the built-in chains get:
# "hook CHAIN first|last …"
wanted_rules() { # FAMILY TABLE
  local p=$chains comment="-m comment --comment \"synlev $instance\"" vip marked unmarked masks
  masks="--nfmask ${set_[mask]} --ctmask ${set_[mask]}"
  mark_test 0
  marked="-m mark ! --mark $REPLY" unmarked="-m mark --mark $REPLY"
  "wanted_in_$2" "$1"
}

wanted_in_mangle() {
  local interface target vips
  vips=$(vips "$1")
  target=$(queue_target)
  echo ":${p}PRE"
  for vip in $vips; do
    for interface in ${set_[interfaces]:-any}; do
      interface="-i $interface "
      echo "-A ${p}PRE -d $vip ${interface#-i any }-j ${p}VIP"
    done
  done
  echo ":${p}VIP"
  if [[ ${set_[mode]} == syn ]]; then
    echo "-A ${p}VIP -m conntrack --ctstate RELATED,ESTABLISHED -j ${p}EST"
    echo ":${p}EST"
    echo "-A ${p}EST -j CONNMARK --restore-mark $masks"
    echo "-A ${p}EST $marked -j ACCEPT"
  fi
  # With dnat conntrack carries flows in any mode: their marks tell whose they are, to count and to end them
  if [[ ${set_[mode]} == syn || ${set_[return]} == dnat ]]; then
    # The VIP as the client wrote it: with dnat the packet bears the backend's address by now
    echo ":${p}OUT"
    for vip in $vips; do
      bare_host "$vip"
      echo "-A ${p}OUT -m conntrack --ctstate NEW --ctorigdst $REPLY $marked -j CONNMARK --save-mark $masks"
    done
    echo "hook POSTROUTING last $comment -j ${p}OUT"
  fi
  echo "-A ${p}VIP $target"
  if makes_errors; then
    echo ":${p}ERR"
    # What has a mark of ours is a ping of lbd's to that very backend: docs/health.md
    for vip in $vips; do echo "-A ${p}ERR -d $vip -p $(icmp_of "$1") $unmarked -j ${p}VIP"; done
    echo "hook OUTPUT last $comment -j ${p}ERR"
  fi
  # Last: rules of others set their bits of the mark first, and what user space accepts skips the rest of this table.
  # What was decided on the way in (fragments ahead of conntrack, and what the tc program knew) does not even enter; its mark
  # is looked at first, because a comment costs as much as a rule, and nothing is counted, because that does, too.
  if is_marked_before; then comment="$unmarked $comment"; fi
  echo "hook PREROUTING last $comment -j ${p}PRE"
}

wanted_in_nat() {
  local mark address
  [[ ${set_[return]} == dnat ]] || return 0
  echo ":${p}NAT"
  for vip in $(vips "$1"); do echo "-A ${p}NAT -d $vip -j ${p}SRV"; done
  echo ":${p}SRV"
  while read -r mark address; do
    mark_test "$mark"
    echo "-A ${p}SRV -m mark --mark $REPLY -j DNAT --to-destination $address"
  done < <(backend_addresses "$1")
  echo "hook PREROUTING first $comment -j ${p}NAT"
}

wanted_in_filter() {
  local hook=FORWARD reject=icmp-port-unreachable
  [[ ${set_[reject]} != - ]] || return 0
  # See wanted_routes: IPv4 comes by FORWARD, IPv6 by INPUT
  if [[ $1 == 6 ]]; then hook=INPUT reject=icmp6-port-unreachable; fi
  mark_test "${set_[reject]}"
  echo ":${p}REJ"
  for vip in $(vips "$1"); do
    echo "-A ${p}REJ -d $vip -p tcp -m mark --mark $REPLY -j REJECT --reject-with tcp-reset"
    echo "-A ${p}REJ -d $vip -m mark --mark $REPLY -j REJECT --reject-with $reject"
  done
  echo "hook $hook first $comment -j ${p}REJ"
}

# As arguments of `ip rule add`, without our protocol
wanted_ip_rules() { # FAMILY
  local prio=${set_[priority]} mark address vip
  if needs_marks_routed; then
    while read -r mark address; do
      mark_test "$mark"
      echo "pref $prio fwmark $REPLY lookup $((set_[offset] + mark))"
    done < <(backend_addresses "$1")
  fi
  if [[ ${set_[reject]} != - ]]; then
    mark_test "${set_[reject]}"
    echo "pref $prio fwmark $REPLY lookup $((set_[offset] + set_[reject]))"
  fi
  # The kernel wants a route before OUTPUT is asked for the mark, by which it then looks again; any backend's will do.
  if makes_errors && read -r mark address < <(backend_addresses "$1"); then
    for vip in $(vips "$1"); do
      bare_host "$vip"
      echo "pref $prio to $REPLY fwmark 0/${set_[mask]} iif lo ipproto $(icmp_number "$1") lookup $((set_[offset] + mark))"
    done
  fi
  # What is still here has no backend. It may not go by the default route, which leads back to whoever sent it.
  # With bypass a route of its own in the main table may take it, but never the default one.
  for vip in $(vips "$1"); do
    bare_host "$vip"
    if [[ ${set_[bypass]} == no ]]; then
      echo "pref $((prio + 1)) to $REPLY blackhole"
    else
      echo "pref $((prio + 1)) to $REPLY lookup 254 suppress_prefixlength 0"
      echo "pref $((prio + 2)) to $REPLY blackhole"
    fi
  done
}

# "TABLE via ADDRESS" or, where rejected packets go, a route that leads to a hook where REJECT is allowed without
# leaving the host. IPv4 is forwarded to lo (as a local packet its ICMP answer would need the VIP as a local address);
# IPv6 makes a route to lo a local or an unreachable one, so it is a local one.
wanted_routes() { # FAMILY
  local mark address
  if needs_marks_routed; then
    while read -r mark address; do echo "$((set_[offset] + mark)) via $address"; done < <(backend_addresses "$1")
  fi
  [[ ${set_[reject]} != - ]] || return 0
  if [[ $1 == 4 ]]; then echo "$((set_[offset] + set_[reject])) forward"; else echo "$((set_[offset] + set_[reject])) local"; fi
}

route_arguments() { # TABLE via ADDRESS | TABLE forward | TABLE local | TABLE other … -> REPLY
  case $2 in
    via) REPLY="default via $3 table $1" ;;
    forward) REPLY="default dev lo table $1" ;;
    local) REPLY="local default dev lo table $1" ;;
    other) REPLY="${*:3} table $1" ;;
  esac
}
