# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# What settings mean as netfilter rules, policy rules and routes: pure text, in the exact spelling that iptables-save
# and `ip -N` print, so that what is there can be compared with what is wanted.

full_mask() { ((set_[mask] == 0xffffffff)); }
mark_test() { # NUMBER -> 0x5/0xffff
  printf '0x%x' "$1"
  full_mask || printf '/%s' "${set_[mask]}"
}
needs_marks_routed() { [[ ${set_[return]} != dnat ]]; }

# family: 4 or 6
vips() { if [[ $1 == 4 ]]; then printf '%s\n' "${vips4[@]}"; else printf '%s\n' "${vips6[@]}"; fi | grep . || true; }
backend_addresses() { # FAMILY -> "FWMARK ADDRESS" of each backend that has one
  local mark ip4 ip6 _name
  while read -r mark ip4 ip6 _name; do
    [[ $1 == 4 ]] || ip4=$ip6
    [[ -z $mark || $ip4 == - ]] || echo "$mark $ip4"
  done < <(printf '%s\n' "${backends[@]}")
}

# Some tools print a single address without its prefix length
bare_host() { if is_v6 "$1"; then echo "${1%/128}"; else echo "${1%/32}"; fi; }

queue_target() {
  if [[ ${set_[queue]} == *:* ]]; then printf -- '-j NFQUEUE --queue-balance %s' "${set_[queue]}"
  else printf -- '-j NFQUEUE --queue-num %s' "${set_[queue]}"; fi
  [[ ${set_[bypass]} == no ]] || printf ' --queue-bypass'
}

# Chains of ours in a table, with its rules: lines ":CHAIN" and "-A CHAIN …"; then what the built-in chains get: "hook …"
wanted_rules() { # FAMILY TABLE
  local p=$chains c="-m comment --comment \"synlev $instance\"" vip interface mark address masks reject=icmp-port-unreachable
  [[ $1 == 4 ]] || reject=icmp6-port-unreachable
  masks="--nfmask ${set_[mask]} --ctmask ${set_[mask]}"
  case $2 in
    mangle)
      echo ":${p}PRE"
      for vip in $(vips "$1"); do
        for interface in ${set_[interfaces]:-any}; do
          echo "-A ${p}PRE -d $vip$([[ $interface == any ]] || echo " -i $interface") -j ${p}VIP"
        done
      done
      echo ":${p}VIP"
      if [[ ${set_[mode]} == syn ]]; then
        echo "-A ${p}VIP -m conntrack --ctstate RELATED,ESTABLISHED -j ${p}EST"
        echo "-A ${p}VIP $(queue_target)"
        echo ":${p}EST"
        echo "-A ${p}EST -j CONNMARK --restore-mark $masks"
        echo "-A ${p}EST -m mark ! --mark $(mark_test 0) -j ACCEPT"
        # The VIP as the client wrote it: with dnat the packet bears the backend's address by now
        echo ":${p}OUT"
        for vip in $(vips "$1"); do
          echo "-A ${p}OUT -m conntrack --ctstate NEW --ctorigdst $(bare_host "$vip") -m mark ! --mark $(mark_test 0) -j CONNMARK --save-mark $masks"
        done
        echo "hook POSTROUTING last $c -j ${p}OUT"
      else
        echo "-A ${p}VIP $(queue_target)"
      fi
      # Last: rules of others set their bits of the mark first, and what user space accepts skips the rest of this table
      echo "hook PREROUTING last $c -j ${p}PRE" ;;
    nat)
      [[ ${set_[return]} == dnat ]] || return 0
      echo ":${p}NAT"
      for vip in $(vips "$1"); do echo "-A ${p}NAT -d $vip -j ${p}SRV"; done
      echo ":${p}SRV"
      while read -r mark address; do
        echo "-A ${p}SRV -m mark --mark $(mark_test "$mark") -j DNAT --to-destination $address"
      done < <(backend_addresses "$1")
      echo "hook PREROUTING first $c -j ${p}NAT" ;;
    filter)
      [[ ${set_[reject]} != - ]] || return 0
      echo ":${p}REJ"
      for vip in $(vips "$1"); do
        echo "-A ${p}REJ -d $vip -p tcp -m mark --mark $(mark_test "${set_[reject]}") -j REJECT --reject-with tcp-reset"
        echo "-A ${p}REJ -d $vip -m mark --mark $(mark_test "${set_[reject]}") -j REJECT --reject-with $reject"
      done
      # See wanted_routes: IPv4 comes by FORWARD, IPv6 by INPUT
      if [[ $1 == 4 ]]; then echo "hook FORWARD first $c -j ${p}REJ"; else echo "hook INPUT first $c -j ${p}REJ"; fi ;;
  esac
}

# As arguments of `ip rule add`, without our protocol
wanted_ip_rules() { # FAMILY
  local prio=${set_[priority]} mark address vip
  if needs_marks_routed; then
    while read -r mark address; do
      echo "pref $prio fwmark $(mark_test "$mark") lookup $((set_[offset] + mark))"
    done < <(backend_addresses "$1")
  fi
  [[ ${set_[reject]} == - ]] ||
    echo "pref $prio fwmark $(mark_test "${set_[reject]}") lookup $((set_[offset] + set_[reject]))"
  # What is still here has no backend. It may not go by the default route, which leads back to whoever sent it.
  # With bypass a route of its own in the main table may take it, but never the default one.
  for vip in $(vips "$1"); do
    vip=$(bare_host "$vip")
    if [[ ${set_[bypass]} == no ]]; then
      echo "pref $((prio + 1)) to $vip blackhole"
    else
      echo "pref $((prio + 1)) to $vip lookup 254 suppress_prefixlength 0"
      echo "pref $((prio + 2)) to $vip blackhole"
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
  [[ ${set_[reject]} == - ]] || echo "$((set_[offset] + set_[reject])) $([[ $1 == 4 ]] && echo forward || echo local)"
}

route_arguments() { # TABLE via ADDRESS | TABLE forward | TABLE local
  case $2 in
    via) echo "default via $3 table $1" ;;
    forward) echo "default dev lo table $1" ;;
    local) echo "local default dev lo table $1" ;;
    other) echo "${*:3} table $1" ;;
  esac
}
