# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# What is installed, for people and (--json) for programs.

need_to_read() {
  have_tool ip && have_tool "iptables-${flavor:-nft}-save" || fail "ip or iptables is missing" "apt-get install iptables iproute2"
  have_net_admin || fail "reading netfilter rules needs CAP_NET_ADMIN" "run as root"
}

# Packets that went through the rules of ours which match PATTERN
counted() { # FAMILY TABLE PATTERN
  awk -v table="*$2" -v p="-A $chains" -v pattern="$3" '
    /^\*/ { here = ($0 == table) }
    here && index($0, p) && $0 ~ pattern { split(substr($1, 2), n, ":"); sum += n[1] }
    END { printf "%d", sum }' <<<"${counters[$1]}"
}

command_show() {
  local family key kind value backend mark ip4 ip6 name
  local -A counters=() count=()
  need_to_read
  load_installed
  [[ -n $found ]] || fail "instance $instance is not installed here" "lbrules install --instance $instance"
  find_tc
  for family in 4 6; do
    counters[$family]=$(save_all $family "$flavor" -c)
    for kind in 'queued mangle -j.NFQUEUE' "offloaded mangle $(offload_pattern)" 'saved mangle --save-mark' 'rejected filter -j.REJECT' 'translated nat -j.DNAT'; do
      # shellcheck disable=SC2086 # three words
      set -- $kind
      count["$1 $family"]=$(counted $family "$2" "$3")
    done
  done
  if [[ $json == yes ]]; then show_json; return; fi
  printf 'instance %s: iptables-%s, mode %s (offload %s), return %s, queue %s%s, mark mask %s%s\n' "$instance" "$flavor" "${set_[mode]}" "$(offload_word)" \
    "${set_[return]}" "${set_[queue]}" "$([[ ${set_[bypass]} == no ]] || echo ' (bypass)')" "${set_[mask]}" \
    "$([[ $pending == no ]] || echo '; UNFINISHED: run install or sync again')"
  [[ ${set_[fragments]} == - ]] || printf 'fragments to queue %s, held ones come in by %s%s\n' "${set_[fragments]}" "${set_[tun]}" \
    "$([[ -z ${set_[tier]} ]] || echo ", other balancers' by ${set_[tier]}")"
  ((${#tc_devices[@]} == 0)) || printf 'tc program on %s\n' "${tc_devices[*]}"
  printf 'interfaces %s, rule priority %s, routing tables %s + fwmark, reject mark %s, VIPs and backends from %s\n' \
    "${set_[interfaces]:-any}" "${set_[priority]}" "${set_[offset]}" "${set_[reject]}" "${set_[source]}"
  printf '\n%-32s %12s %12s\n' 'packets' IPv4 IPv6
  for key in 'queued to user space' "offloaded marked by $(offload_word)" 'saved flows given to conntrack' 'translated flows to a backend' 'rejected answered for no backend'; do
    if [[ $key == *' by tc' ]]; then echo "${key/ /: }: see 'magctl flows count'"; continue; fi
    printf '%-32s %12s %12s\n' "${key/ /: }" "${count["${key%% *} 4"]}" "${count["${key%% *} 6"]}"
  done
  printf '\nVIP %s\n' "${vips4[@]}" "${vips6[@]}" | grep '[^ ] ' || true
  printf '\n%-8s %-20s %-12s %-18s %s\n' FWMARK BACKEND TABLE IPv4 IPv6
  for backend in "${backends[@]}"; do
    read -r mark ip4 ip6 name <<<"$backend"
    printf '%-8s %-20s %-12s %-18s %s\n' "$mark" "$name" "$(needs_marks_routed && echo $((set_[offset] + mark)) || echo -)" "$ip4" "$ip6"
  done
}

json_list() { # strings
  local item comma=
  printf '['
  for item in "$@"; do printf '%s' "$comma"; json_string "$item"; comma=,; done
  printf ']'
}

show_json() {
  local key backend mark ip4 ip6 name comma=
  printf '{"instance":%s,"iptables":%s,"pending":%s' "$(json_string "$instance")" "$(json_string "$flavor")" "$([[ $pending == no ]] && echo false || echo true)"
  printf ',"offload":"%s","tc_interfaces":%s' "$(offload_word)" "$(json_list "${tc_devices[@]}")"
  for key in mode return queue mask source; do printf ',"%s":%s' "$key" "$(json_string "${set_[$key]}")"; done
  printf ',"bypass":%s,"table_offset":%s,"rule_priority":%s,"reject_mark":%s' "$([[ ${set_[bypass]} == no ]] && echo false || echo true)" \
    "${set_[offset]}" "${set_[priority]}" "${set_[reject]/#-/null}"
  # shellcheck disable=SC2086 # a list
  printf ',"interfaces":%s,"vips":%s,"backends":[' "$(json_list ${set_[interfaces]})" "$(json_list "${vips4[@]}" "${vips6[@]}")"
  for backend in "${backends[@]}"; do
    read -r mark ip4 ip6 name <<<"$backend"
    printf '%s{"fwmark":%s,"name":%s' "$comma" "$mark" "$(json_string "$name")"
    ! needs_marks_routed || printf ',"table":%s' $((set_[offset] + mark))
    [[ $ip4 == - ]] || printf ',"ip4":"%s"' "$ip4"
    [[ $ip6 == - ]] || printf ',"ip6":"%s"' "$ip6"
    printf '}'
    comma=,
  done
  printf '],"packets":{'
  comma=
  for key in queued offloaded saved translated rejected; do
    [[ $key != offloaded || ${set_[mode]} != tc ]] || continue # nothing counts them here
    printf '%s"%s":{"ipv4":%s,"ipv6":%s}' "$comma" "$key" "${count["$key 4"]}" "${count["$key 6"]}"
    comma=,
  done
  printf '}}\n'
}
