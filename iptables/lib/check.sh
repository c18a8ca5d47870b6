# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# Why packets do not reach their backends: each finding says what, why and how to mend it.

findings=() problems=0 # LEVEL, WHAT, WHY, FIX, AREA: five elements a finding
areas='records rules queue fragments tc host backends marks' # what is looked at, in this order
area=tools

problem() { findings+=(problem "$1" "$2" "$3" "$area"); problems=$((problems + 1)); }
note() { findings+=(note "$1" "$2" "$3" "$area"); }
setting() { cat "/proc/sys/$1" 2>/dev/null || echo 0; }

check_records() {
  local want have
  have=$(settings_records)
  [[ $pending == no ]] || problem "an install or sync has not reached its end" "it was killed, or another one is at work right now" "lbrules sync --instance $instance"
  if read_source 2>/dev/null; then
    want=$(settings_records)
    [[ $want == "$have" ]] || problem "VIPs or backends have changed since the last sync" \
      "$({ lines_without "$want" "$have" | sed 's/^/now: /'; lines_without "$have" "$want" | sed 's/^/no longer: /'; } | head -n 5)" "lbrules sync --instance $instance"
    read_records <<<"${present[records]}"
  else
    read_records <<<"${present[records]}"
    note "cannot compare with ${set_[source]}" "it gives no answer, so what was installed is taken for what is wanted" "run it by hand: magctl show --plain"
  fi
}

check_rules() {
  local key
  want_settings
  look_at_routing
  find_changes
  for key in "${!change[@]}"; do
    [[ -z ${change[$key]} ]] || problem "IPv${key/ /, }: not as installed" "somebody changed or flushed it; to be done: $(head -n 4 <<<"${change[$key]}")" \
      "lbrules sync --instance $instance"
  done
}

check_queue() {
  local file=/proc/net/netfilter/nfnetlink_queue queue row first=${set_[queue]%%:*} last=${set_[queue]##*:} fate='are dropped; clients will retry'
  [[ ${set_[bypass]} == no ]] || fate='pass without a mark (--queue-bypass)'
  [[ -r $file ]] || { problem "the kernel offers no NFQUEUE here" "$file is missing" "modprobe nfnetlink_queue"; return; }
  for ((queue = first; queue <= last; queue++)); do
    row=$(awk -v queue="$queue" '$1 == queue' "$file")
    if [[ -z $row ]]; then
      problem "nobody reads queue $queue" "new packets for the VIPs $fate" "start lbd --instance $instance --queue ${set_[queue]}"
    else
      # Columns: queue, port id, waiting, copy mode, copy range, dropped (queue full), dropped (receive buffer full), sequence
      # shellcheck disable=SC2086 # columns
      set -- $row
      (($6 + $7 == 0)) || note "queue $queue lost packets" "$6 because it was full, $7 because the receive buffer was" "lbd with a longer queue, a larger buffer, or more queues"
    fi
  done
  [[ ${set_[bypass]} == no ]] || note "--queue-bypass is on" \
    "while lbd is away packets follow the main table's route for the VIP, if it has one besides the default; if that leads to a router which sends VIPs here, they loop until their TTL ends" \
    "have no such route, or install without --queue-bypass"
}

check_host() {
  local dev name value dump f
  ((${#vips4[@]} == 0)) || [[ $(setting net/ipv4/ip_forward) == 1 ]] ||
    problem "IPv4 forwarding is off" "the kernel drops packets that are for somebody else" "sysctl -w net.ipv4.ip_forward=1"
  ((${#vips6[@]} == 0)) || [[ $(setting net/ipv6/conf/all/forwarding) == 1 ]] ||
    problem "IPv6 forwarding is off" "the kernel drops packets that are for somebody else" "sysctl -w net.ipv6.conf.all.forwarding=1"
  if [[ ${set_[return]} == routed ]]; then
    for dev in $(backend_devices); do
      value=$(setting "net/ipv4/conf/$dev/rp_filter") name=$dev
      if (($(setting net/ipv4/conf/all/rp_filter) > value)); then value=$(setting net/ipv4/conf/all/rp_filter) name=all; fi
      ((value == 0)) || problem "rp_filter is $value on $dev" "replies come from there with the VIP as source, to which no route leads, so they are dropped" "sysctl -w net.ipv4.conf.$name.rp_filter=0"
    done
  fi
  for f in "${saved[nft]-}" "${saved[legacy]-}" "${saved[6]}"; do
    [[ $f != *$'\n:FORWARD DROP '* ]] || { note "a FORWARD chain's policy is DROP" "packets for the VIPs are forwarded ones" "see that its rules accept them and, with routed or dnat return, the replies"; break; }
  done
  [[ ${set_[mode]}${set_[return]} != syndirect ]] || note "SYN-only with direct return still sends every packet to user space" \
    "conntrack never sees the servers' answers: a client's ACK is INVALID to it and UDP stays NEW, so no mark can be restored; what works is as with --mode all" \
    "--offload tc, or --return routed or dnat"
}

backend_devices() {
  backend_addresses 4 | awk '{ print "route get " $2 }' | { ip -4 -force -batch - 2>/dev/null 9>&- || true; } |
    sed -n 's/.* dev \([^ ]*\).*/\1/p' | sort -u
}

check_backends() {
  check_backends_of 4
  check_backends_of 6
}

# One look-up a backend, as the kernel would do it for a marked packet to the first VIP
check_backends_of() { # FAMILY
  local family=$1 vip mark address other state backend key
  local -A reached=() neighbour=()
  read -r vip _ <<<"$(vips "$family")"
  [[ -n $vip ]] || return 0
  vip=${vip%/*}
  # "ADDRESS" with dnat, otherwise "TABLE ADDRESS"
  while read -r key; do reached[$key]=yes; done < <(backend_addresses "$family" |
    awk -v vip="$vip" -v mode="${set_[return]}" '{ print "route get " (mode == "dnat" ? $2 : vip " mark " $1) }' |
    { ip -N -"$family" -force -batch - 2>/dev/null 9>&- || true; } |
    sed -n -e 's/^[^ ]* .*via \([^ ]*\) .*table \([0-9]*\) .*/\2 \1/p' -e 's/^\([^ ]*\) .*dev .*/\1/p')
  while read -r address state; do neighbour[$address]=$state; done < <(ip -"$family" neigh show 2>/dev/null 9>&-)
  while read -r mark address; do
    key="$((set_[offset] + mark)) $address"
    if [[ ${set_[return]} == dnat ]]; then
      [[ -n ${reached[$address]-} ]] || problem "fwmark $mark: no route to $address" "'ip route get $address' fails" "add a route to it, or correct its address"
    elif [[ -z ${reached[$key]-} ]]; then
      problem "fwmark $mark: packets to $vip do not go to $address" "'ip route get $vip mark $mark' says otherwise: is its interface down, or is $vip an address of this host?" "lbrules sync --instance $instance, once that is mended"
    fi
    case ${neighbour[$address]-} in
      *FAILED* | *INCOMPLETE*) problem "fwmark $mark: $address does not answer" "neighbour: ${neighbour[$address]}" "is the server up, and on this link?" ;;
    esac
  done < <(backend_addresses "$family")
  for backend in "${backends[@]}"; do
    read -r mark address other _ <<<"$backend"
    [[ $family == 4 ]] || address=$other
    [[ $address != - ]] || note "fwmark $mark has no IPv$family address" "IPv$family flows that are given to it are dropped" "give it one, unless no service with an IPv$family VIP uses it"
  done
}

check_marks() {
  local family mark protocol word line dump
  for family in 4 6; do
    while read -r mark protocol line; do
      problem "IPv$family: a policy rule of others takes packets with our fwmark $mark" "$line" "choose another --mark-mask for one of them, or other fwmarks"
    done < <(colliding_ip_rules $family)
  done
  for dump in "${saved[nft]-}" "${saved[legacy]-}" "${saved[6]}"; do
    while read -r word line; do
      if [[ $word == changes ]]; then problem "a rule of others changes bits of our mark mask ${set_[mask]}" "$line" "choose another --mark-mask for the instance"
      else note "a rule of others looks at bits of our mark mask ${set_[mask]}" "$line" "see that it does not take our fwmarks for its own"; fi
    done < <(overlapping_rules "$dump")
  done
}

check_all() {
  local program
  for program in ip awk sed grep iptables-nft-save ip6tables-nft-save; do
    have_tool "$program" || problem "the program $program is missing" "the rules are made with it" "apt-get install iptables iproute2"
  done
  ((problems == 0)) || return 0
  have_net_admin || { problem "CAP_NET_ADMIN is missing" "without it the rules cannot even be read" "run as root"; return 0; }
  load_installed
  area=installed
  [[ -n $found ]] || { problem "instance $instance is not installed here" "no rules of it are in this network namespace, neither legacy nor nft" "lbrules install --instance $instance"; return 0; }
  for area in $areas; do
    case " ${only:-$areas} " in *" $area "*) "check_$area" ;; esac
  done
}

# What is installed, for programs that have more to ask than we
settings_json() {
  [[ -n $found ]] || { printf null; return; }
  printf '{"iptables":"%s","pending":%s' "$flavor" "$([[ $pending == no ]] && echo false || echo true)"
  for key in mode return queue fragments tun mask source; do printf ',"%s":%s' "$key" "$(json_string "${set_[$key]}")"; done
  # shellcheck disable=SC2086 # lists
  printf ',"table_offset":%s,"rule_priority":%s,"bypass":%s,"interfaces":%s,"tier_interfaces":%s,"vips":%s}' "${set_[offset]}" "${set_[priority]}" \
    "$([[ ${set_[bypass]} == no ]] && echo false || echo true)" "$(json_list ${set_[interfaces]})" "$(json_list ${set_[tier]})" "$(json_list "${vips4[@]}" "${vips6[@]}")"
}

command_check() {
  local i comma=
  for i in $only; do
    [[ " $areas " == *" $i "* ]] || usage_error "nothing to look at is called $i" "--only ${areas// /,}"
  done
  # What the source says now, as somebody knows it already
  [[ ${given[source]-} != file\ * ]] || now=${given[source]}
  check_all
  if [[ $json == yes ]]; then
    printf '{"instance":%s,"ok":%s,"settings":%s,"findings":[' "$(json_string "$instance")" "$( ((problems == 0)) && echo true || echo false)" "$(settings_json)"
    for ((i = 0; i < ${#findings[@]}; i += 5)); do
      printf '%s{"level":"%s","area":"%s","what":%s,"why":%s,"fix":%s}' "$comma" "${findings[i]}" "${findings[i + 4]}" "$(json_string "${findings[i + 1]}")" \
        "$(json_string "${findings[i + 2]}")" "$(json_string "${findings[i + 3]}")"
      comma=,
    done
    printf ']}\n'
  else
    for ((i = 0; i < ${#findings[@]}; i += 5)); do
      printf '%s: %s\n  Why: %s\n  Fix: %s\n' "${findings[i]}" "${findings[i + 1]}" "${findings[i + 2]//$'\n'/$'\n'       }" "${findings[i + 3]}"
    done
    ((problems > 0)) || echo "instance $instance: rules, routes and queue are in order"
  fi
  ((problems == 0)) || exit 1
}
