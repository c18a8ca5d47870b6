# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# Fragments go to a queue of their own at priority -450, ahead of conntrack, which at -400 would put them together;
# `notrack` keeps it from doing so later. Such a hook only nft can make. The queue is nft's own `queue` in a table of
# ours or, where the kernel lacks that, iptables' NFQUEUE in a chain that iptables-nft makes in its table raw.

fragments_wanted() { [[ ${set_[fragments]} != - ]]; }
nft_family() { if [[ $1 == 4 ]]; then REPLY=ip; else REPLY=ip6; fi; }

# Whether nft takes a statement: a transaction that leaves nothing behind, and whose chain sees no packet
nft_takes() { # STATEMENT
  nft -f - >/dev/null 2>&1 9>&- <<<"add table ip ${chains}PROBE
add chain ip ${chains}PROBE c
add rule ip ${chains}PROBE c $1
delete table ip ${chains}PROBE"
}

fragments_way_found=
fragments_way() { # -> REPLY: native, compat or none
  if [[ -z $fragments_way_found ]]; then
    if ! have_tool nft; then fragments_way_found=none
    elif nft_takes 'notrack queue num 0'; then fragments_way_found=native
    elif have_tool iptables-nft-restore && have_tool ip6tables-nft-restore && nft_takes 'notrack'; then fragments_way_found=compat
    else fragments_way_found=none; fi
  fi
  REPLY=$fragments_way_found
}

# "ip TABLE CHAIN" of the hook
fragments_chain() { # FAMILY native|compat -> REPLY
  nft_family "$1"
  if [[ $2 == native ]]; then REPLY+=" ${chains%-} ${chains}FRG"; else REPLY+=" raw ${chains}FRG"; fi
}

# The rules, one a VIP; their comments carry a sum of all, by which what is there is known again
wanted_fragments() { # FAMILY
  local vip text='' from='' match='ip frag-off & 0x3fff != 0' family interface target way
  fragments_wanted || return 0
  fragments_way
  way=$REPLY
  nft_family "$1"
  family=$REPLY
  [[ $1 == 4 ]] || match='exthdr frag exists'
  target="jump ${chains}FRQ"
  if [[ $way == native ]]; then
    target="queue num ${set_[fragments]/:/-}"
    [[ ${set_[bypass]} == no ]] || target+=' bypass'
  fi
  if [[ -n ${set_[interfaces]} ]]; then
    for interface in ${set_[interfaces]} ${set_[tier]} "${set_[tun]}"; do from+="${from:+, }\"$interface\""; done
    from="iifname { $from } "
  fi
  for vip in $(vips "$1"); do text+="$from$family daddr $vip $match counter notrack $target"$'\n'; done
  [[ -n $text ]] || return 0
  read -r vip _ < <(cksum <<<"$way ${set_[fragments]} ${set_[bypass]} $text")
  printf '%s' "$text" | sed "s/\$/ comment \"synlev $instance $vip\"/"
}

present_fragments() { # FAMILY -> the hook's rules of whichever way
  local way
  have_tool nft || return 0
  for way in native compat; do
    fragments_chain "$1" $way
    # shellcheck disable=SC2086 # three words
    nft list chain $REPLY 2>/dev/null 9>&- || true
  done
}

fragments_change() { # FAMILY: the wanted rules when they are not there; "remove" when some are there that should not be
  local there sum
  there=$(present_fragments "$1")
  if [[ -z ${wanted["$1 fragments"]} ]]; then
    [[ -z $there ]] || echo remove
    return 0
  fi
  sum=$(sed -n '1s/.*comment \(".*"\)$/\1/p' <<<"${wanted["$1 fragments"]}")
  [[ $(grep -cF "$sum" <<<"$there") == "$(grep -c . <<<"${wanted["$1 fragments"]}")" ]] || echo "${wanted["$1 fragments"]}"
}

# The hook goes first and comes last, so no fragment jumps into an empty chain. For the moment in between fragments
# are what they were without us: put together by conntrack, or sent to the other queue.
remove_fragments() { # FAMILY
  local family table text
  nft_family "$1"
  family=$REPLY text=''
  have_tool nft || return 0
  ! nft list table "$family" "${chains%-}" >/dev/null 2>&1 9>&- || text+="delete table $family ${chains%-}"$'\n'
  for table in FRG FRQ; do
    ! nft list chain "$family" raw "$chains$table" >/dev/null 2>&1 9>&- || text+="delete chain $family raw $chains$table"$'\n'
  done
  feed "${text%$'\n'}" nft -f -
}

apply_fragments() { # FAMILY CHANGE
  local family way rule text='' target
  [[ -n $2 ]] || return 0
  remove_fragments "$1"
  [[ $2 != remove ]] || return 0
  fragments_way
  way=$REPLY
  fragments_chain "$1" "$way"
  family=${REPLY%% *}
  if [[ $way == compat ]]; then
    target="--queue-num ${set_[fragments]}"
    [[ ${set_[fragments]} != *:* ]] || target="--queue-balance ${set_[fragments]}"
    [[ ${set_[bypass]} == no ]] || target+=' --queue-bypass'
    feed "*raw
:${chains}FRQ - [0:0]
-A ${chains}FRQ -j NFQUEUE $target
COMMIT" "$([[ $1 == 4 ]] && echo iptables || echo ip6tables)-nft-restore" --noflush -w 10
  else
    text="add table $family ${chains%-}"$'\n'
  fi
  text+="add chain $REPLY { type filter hook prerouting priority -450; policy accept; }"
  while read -r rule; do text+=$'\n'"add rule $REPLY $rule"; done <<<"$2"
  feed "$text" nft -f -
}

refuse_impossible_fragments() {
  fragments_wanted || return 0
  fragments_way
  [[ $REPLY != none ]] || fail "this host cannot queue fragments ahead of conntrack: $(fragments_missing)" "leave out --fragment-queue"
}

fragments_missing() {
  if ! have_tool nft; then echo "the program nft is missing (apt-get install nftables)"
  elif ! nft_takes notrack; then echo "the kernel has no nft 'notrack' (CONFIG_NFT_CT)"
  else echo "the kernel has no nft 'queue' (CONFIG_NFT_QUEUE), and iptables-nft is missing"; fi
}

# The table raw that only our chain would be in
note_raw_is_made() {
  local family
  fragments_wanted && fragments_way && [[ $REPLY == compat ]] || return 0
  for family in 4 6; do
    nft_family $family
    [[ -z ${wanted["$family fragments"]} || " ${made[*]/%/ ;}" == *" $family raw ;"* ]] ||
      nft list table "$REPLY" raw >/dev/null 2>&1 9>&- || made+=("$family raw")
  done
}

# A table raw that we made goes when nothing but empty base chains is left in it
remove_made_raw() { # FAMILY
  [[ $dry_run == no && " ${made[*]/%/ ;}" == *" $1 raw ;"* ]] || return 0
  nft_family "$1"
  ! nft list table "$REPLY" raw 2>/dev/null 9>&- | grep -qvE '^(table|	chain|	?}|		type .*policy accept;|)' || return 0
  nft delete table "$REPLY" raw >/dev/null 2>&1 9>&- || true
}

check_fragments() {
  local file=/proc/net/netfilter/nfnetlink_queue queue range dump
  fragments_wanted || return 0
  fragments_way
  [[ $REPLY != none ]] || problem "fragments cannot be queued ahead of conntrack" "$(fragments_missing)" "lbrules install again without --fragment-queue"
  for ((queue = ${set_[fragments]%%:*}; queue <= ${set_[fragments]##*:}; queue++)); do
    range=$(awk -v queue="$queue" '$1 == queue { print $5 }' "$file" 2>/dev/null)
    if [[ -z $range ]]; then
      problem "nobody reads the fragment queue $queue" "fragments for the VIPs are dropped" "start lbd --instance $instance --fragment-queue ${set_[fragments]}"
    elif ((range < 65531)); then
      problem "only $range bytes of each packet are copied from the fragment queue $queue" "its reader cannot hold whole fragments" "start lbd --instance $instance --fragment-queue ${set_[fragments]}"
    fi
  done
  [[ -e /sys/class/net/${set_[tun]} ]] || ip link show dev "${set_[tun]}" >/dev/null 2>&1 9>&- ||
    problem "there is no device ${set_[tun]}" "fragments that come before the first one of their datagram come in again there" "start lbd with --fragment-queue ${set_[fragments]} --tun ${set_[tun]}"
  check_tier
  for dump in "${saved[nft]-}" "${saved[legacy]-}" "${saved[6]}"; do
    ! grep -q -- "-j NFQUEUE --queue-balance ${set_[fragments]} .*--queue-cpu-fanout" <<<"$dump" ||
      problem "a rule spreads the fragment queues by processor" "--queue-cpu-fanout sends fragments of one datagram to different queues, none of which then knows them all" "leave it out: --queue-balance alone spreads by addresses"
  done
}

# Fragments from other balancers bear clients' addresses, to which other interfaces lead
check_tier() {
  local dev filter all
  all=$(setting net/ipv4/conf/all/rp_filter)
  for dev in ${set_[tier]}; do
    if ! ip link show dev "$dev" >/dev/null 2>&1 9>&-; then
      problem "there is no interface $dev" "other balancers' fragments were to come in there (--tier-interface)" "make it, or install with another --tier-interface"
      continue
    fi
    filter=$(setting "net/ipv4/conf/$dev/rp_filter")
    ((all <= filter)) || filter=$all
    ((filter != 1)) || problem "rp_filter is 1 on $dev" "fragments that other balancers send there have clients' addresses, to which no route leads by $dev, so they are dropped" \
      "sysctl -w net.ipv4.conf.$dev.rp_filter=2"
  done
  if [[ -z ${set_[tier]} && $own_marks != ' ' ]]; then
    note "there is a pool of balancers, but no --tier-interface" "each balancer keeps the fragments that it gets, and some datagrams stay in pieces" "install with --tier-interface IF, and start lbd with it"
  fi
}
