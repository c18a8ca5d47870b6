# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# What one instance is to have: settings, VIPs, backends. They come from options, a file, magctl, or from the records
# that install leaves in the host's own rules (a chain nobody jumps to, one comment a record), so there is no state
# file that could be stale, belong to another network namespace or be missing after a crash.

PROTOCOL=83 # rtnetlink protocol of our routes and rules ("S"); linux/rtnetlink.h leaves it unassigned
declare -A set_=()
declare -A backend_of=()        # fwmark -> addresses, while reading
vips4=() vips6=() backends=()   # a backend is "FWMARK IP4|- IP6|- NAME"
own_priorities=() own_tables=() # where rules and routes of ours may be
now=''                          # "file PATH": what magctl would say, for check
own_marks=' '                   # of this host in pools of balancers; no packet is ever routed to ourselves
made=()                         # "FAMILY TABLE [CHAIN]": built-in parts that were not there before us (nft)
pending=no                      # yes: an install or sync was started and has not reached its end

settings_default() {
  set_=([mode]=all [return]=direct [queue]=2 [bypass]=no [offset]=10000 [priority]=10000 [reject]=- [fragments]=- [tun]=synlev0 [mask]=0xffff
    [interfaces]='' [tier]='' [source]=magctl)
  vips4=() vips6=() backends=() backend_of=()
}

# Chain names have at most 28 characters (XT_EXTENSION_MAXNAMELEN): 7 + 17 + 1 + 3
chain_prefix() {
  local key=$instance
  ((${#key} <= 17)) || key=${key:0:8}.$(printf '%s' "$instance" | cksum | awk '{ printf "%08x", $1 }')
  printf 'SYNLEV-%s-' "$key"
}

number() { # VALUE -> REPLY, decimal; 32 bits, decimal or 0x…
  [[ $1 =~ ^(0|[1-9][0-9]{0,9}|0[xX][0-9a-fA-F]{1,8})$ ]] && ((($1) <= 0xffffffff)) || return 1
  REPLY=$(($1))
}

add_vip() {
  canonical_prefix "$1" || usage_error "not a VIP prefix: $1" "write it like 10.0.0.0/32 or 1000::/128"
  [[ $REPLY != */0 ]] || usage_error "the VIP $1 would take all traffic" "give the prefix that clients address"
  if is_v6 "$REPLY"; then
    [[ " ${vips6[*]-} " == *" $REPLY "* ]] || vips6+=("$REPLY")
  else
    [[ " ${vips4[*]-} " == *" $REPLY "* ]] || vips4+=("$REPLY")
  fi
}

add_backend() { # FWMARK IP4|- IP6|- NAME
  local mark ip4=- ip6=- other
  number "$1" || usage_error "not a fwmark: $1" "give a number from 1 that fits the mask ${set_[mask]}"
  mark=$REPLY
  if [[ $2 != - ]]; then canonical_address "$2" && ! is_v6 "$2" || usage_error "backend $1: not an IPv4 address: $2"; ip4=$REPLY; fi
  if [[ $3 != - ]]; then canonical_address "$3" && is_v6 "$3" || usage_error "backend $1: not an IPv6 address: $3"; ip6=$REPLY; fi
  [[ $ip4$ip6 != -- ]] || warn "backend $4 (fwmark $mark) has no address: packets marked for it are dropped"
  other=${backend_of[$mark]-}
  [[ $other != "$ip4 $ip6" ]] || return 0
  [[ -z $other ]] || fail "two backends have the fwmark $mark: $other, $ip4 $ip6 ($4)" "give each backend a fwmark of its own"
  backend_of[$mark]="$ip4 $ip6"
  backends+=("$mark $ip4 $ip6 ${4//[^A-Za-z0-9._:-]/_}")
}

# --backend FWMARK=IP4[,IP6]; the order of the two does not matter
add_backend_option() {
  local mark=${1%%=*} address ip4=- ip6=-
  [[ $1 == ?*=?* ]] || usage_error "not a backend: $1" "write it like 5=192.168.2.5,fd00:2::5"
  for address in ${1//,/ }; do
    address=${address#*=}
    if is_v6 "$address"; then ip6=$address; else ip4=$address; fi
  done
  add_backend "$mark" "$ip4" "$ip6" "fwmark-$mark"
}

# The tab-separated records of `magctl show --plain`. Inactive and draining backends keep their route: established
# flows still go there.
read_plain() {
  local kind a b c _w _state _up ip4 ip6 vip
  local -A own=()
  own_marks=' '
  while IFS=$'\t' read -r kind a b c _w _state _up ip4 ip6; do
    case $kind in
      instance)
        [[ $a == "$instance" ]] || fail "the records are those of instance $a, not of $instance" "use --instance $a"
        set_[mask]=$b ;;
      pool) [[ ${b:-0} == 0 ]] || { own["$a $b"]=yes own_marks+="$b "; } ;;
      backend) [[ -n ${own["$a $c"]-} ]] || add_backend "$c" "${ip4:--}" "${ip6:--}" "$b" ;;
      service) for vip in ${c//,/ }; do add_vip "$vip"; done ;;
    esac
  done
}

magctl_show() {
  local here
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  # shellcheck disable=SC2086 # a command with its arguments
  ${SYNLEV_MAGCTL:-$here/synlev magctl} show --plain --instance "$instance" 9>&-
}

# VIPs, backends and mask from where set_[source] says; returns 1 when that cannot be read
read_source() {
  local text source=${set_[source]}
  [[ $source != magctl || -z $now ]] || source=$now
  case $source in
    options) return 0 ;;
    file\ *) text=$(cat -- "${source#file }") || return 1 ;;
    magctl) text=$(magctl_show) || return 1 ;;
  esac
  vips4=() vips6=() backends=() backend_of=()
  read_plain <<<"$text"
}

# What must hold whatever the kernel says; brings numbers into one spelling
validate_settings() {
  local first last
  case ${set_[mode]} in all | syn | tc) ;; *) usage_error "unknown mode: ${set_[mode]}" "--mode all, syn or tc" ;; esac
  case ${set_[return]} in direct | routed | dnat) ;; *) usage_error "unknown return mode: ${set_[return]}" "--return direct, routed or dnat" ;; esac
  [[ ${set_[mode]}${set_[return]} != tcdnat ]] ||
    usage_error "--offload tc does not go with --return dnat" "there conntrack sees both directions and translates each packet anyway: --offload conntrack"
  first=${set_[queue]%%:*} last=${set_[queue]##*:}
  [[ ${set_[queue]} =~ ^[0-9]{1,5}(:[0-9]{1,5})?$ ]] && ((10#$first <= 10#$last && 10#$last <= 65535)) ||
    usage_error "not a queue or range of queues: ${set_[queue]}" "--queue 2 or --queue 0:3 (0 to 65535)"
  set_[queue]=$((10#$first))
  ((10#$first == 10#$last)) || set_[queue]+=:$((10#$last))
  if [[ ${set_[fragments]} != - ]]; then validate_fragments
  elif [[ -n ${set_[tier]} ]]; then
    usage_error "--tier-interface says where other balancers' fragments come in, but there is no queue for fragments" "add --fragment-queue 3"
  fi
  number "${set_[offset]}" || usage_error "not a table offset: ${set_[offset]}" "--table-offset 10000"
  set_[offset]=$REPLY
  number "${set_[priority]}" && ((REPLY >= 1 && REPLY <= 32763)) ||
    usage_error "not a rule priority: ${set_[priority]}" "a number from 1 to 32763, ahead of the main table's 32766"
  set_[priority]=$REPLY
  if [[ ${set_[reject]} != - ]]; then
    number "${set_[reject]}" || usage_error "not a mark: ${set_[reject]}" "--reject-mark 65535"
    set_[reject]=$REPLY
  fi
}

validate_fragments() {
  local first=${set_[fragments]%%:*} last=${set_[fragments]##*:}
  [[ ${set_[fragments]} =~ ^[0-9]{1,5}(:[0-9]{1,5})?$ ]] && ((10#$first <= 10#$last && 10#$last <= 65535)) ||
    usage_error "not a queue or range of queues: ${set_[fragments]}" "--fragment-queue 3 or --fragment-queue 4:5 (0 to 65535)"
  set_[fragments]=$((10#$first))
  ((10#$first == 10#$last)) || set_[fragments]+=:$((10#$last))
  ((10#$last < ${set_[queue]%%:*} || 10#$first > ${set_[queue]##*:})) ||
    usage_error "the queue ${set_[fragments]} cannot be for fragments and for whole packets (--queue ${set_[queue]})" "choose another --fragment-queue"
  [[ ${set_[return]} != dnat ]] ||
    usage_error "--fragment-queue does not go with --return dnat" "there conntrack must put datagrams together, and does: leave out --fragment-queue"
}

# The mask may come from the source, so this comes after reading it
validate_marks() {
  local backend mark
  number "${set_[mask]}" && ((REPLY > 0)) || usage_error "not a mark mask: ${set_[mask]}" "give e.g. --mark-mask 0xffff"
  printf -v set_[mask] '0x%x' "$REPLY"
  for backend in "${backends[@]}" "${set_[reject]} reject"; do
    mark=${backend%% *}
    [[ $mark != - ]] || continue
    ((mark > 0 && (mark & ~set_[mask]) == 0)) ||
      fail "the mark $mark does not fit the mask ${set_[mask]}" "choose marks from 1 within the mask, or another --mark-mask"
    [[ $backend == *' reject' || $mark != "${set_[reject]}" ]] ||
      fail "the mark $mark is both a backend's and --reject-mark" "choose another --reject-mark"
  done
}

# Settings as text, one a line; the inverse is read_records
settings_records() {
  local key
  echo "instance $instance"
  for key in mode return queue bypass offset priority reject mask source; do echo "$key ${set_[$key]}"; done
  [[ ${set_[fragments]} == - ]] || printf '%s\n' "fragments ${set_[fragments]}" "tun ${set_[tun]}"
  for key in ${set_[interfaces]}; do echo "interface $key"; done
  for key in ${set_[tier]}; do echo "tier $key"; done
  printf 'vip %s\n' "${vips4[@]}" "${vips6[@]}" | grep -v '^vip $' || true
  ((${#backends[@]} == 0)) || printf 'backend %s\n' "${backends[@]}"
}

read_records() { # text on stdin; "unknown" records are another version's and are left out
  local key value
  settings_default
  own_priorities=() own_tables=() made=() pending=no
  while read -r key value; do
    case $key in
      mode | return | queue | bypass | offset | priority | reject | mask | source | fragments | tun) set_[$key]=$value ;;
      interface) set_[interfaces]+="${set_[interfaces]:+ }$value" ;;
      tier) set_[tier]+="${set_[tier]:+ }$value" ;;
      vip) if is_v6 "$value"; then vips6+=("$value"); else vips4+=("$value"); fi ;;
      backend) backends+=("$value") ;;
      own-priority) own_priorities+=("$value") ;;
      own-table) own_tables+=("$value") ;;
      made) made+=("$value") ;;
      pending) pending=yes ;;
    esac
  done
}
