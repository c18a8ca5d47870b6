# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# install, sync, remove. show and check are in files of their own.

# What the host knows of this instance; found=flavor when it is installed
load_installed() {
  prepare_xtables_lock
  survey
  flavor=${flavor:-$(default_flavor)}
  settings_default
  own_priorities=() own_tables=() made=() pending=no present[records]=''
  if [[ -n $found ]]; then
    present[records]=$(comments_of "${chains}CFG" <<<"${saved[$found]}")
    read_records <<<"${present[records]}"
  fi
  saved[4]=${saved[$flavor]-}
  saved[6]=$(save_all 6 "$flavor")
}

# Somebody flushed the records: what bears our protocol at this priority and belongs to no other instance is ours
adopt_orphans() {
  local family table
  [[ -z $found ]] || return 0
  [[ $others_priorities != *" ${set_[priority]} "* ]] || return 0
  own_priorities=("${set_[priority]}")
  for family in 4 6; do
    for table in $(looked_up_tables $family) $(ip -N -$family route show table all proto "$PROTOCOL" 2>/dev/null | sed -n 's/.* table \([0-9]*\) .*/\1/p'); do
      [[ $others_tables == *" $table "* ]] && continue
      number "${set_[mask]}" && ((table > set_[offset] && table <= set_[offset] + REPLY)) && own_tables+=("$table")
    done
  done
  return 0
}

need_tools() {
  local program
  for program in ip awk sed grep sort "iptables-$flavor-restore" "ip6tables-$flavor-restore" "iptables-$flavor-save" "ip6tables-$flavor-save"; do
    have_tool "$program" || fail "the program $program is missing" "apt-get install iptables iproute2"
  done
  have_net_admin || fail "changing netfilter rules needs CAP_NET_ADMIN" "run as root, or try it out in: unshare -Urnm"
}

obtain_source() {
  case ${set_[source]} in
    options) ((${#vips4[@]} + ${#vips6[@]} > 0)) || usage_error "no VIP is given" "--vip 10.0.0.0/32, --from FILE, or nothing at all to ask magctl" ;;
    *) read_source || fail "cannot read VIPs and backends from: ${set_[source]}" \
      "create the instance with magctl, or give --vip and --backend, or --from FILE" ;;
  esac
  [[ -z ${given[mask]-} || ${given[mask]} == "${set_[mask]}" ]] || (($((given[mask])) == $((set_[mask])))) ||
    fail "--mark-mask ${given[mask]} contradicts ${set_[source]}, which says ${set_[mask]}" "leave --mark-mask out"
  ((${#vips4[@]} + ${#vips6[@]} > 0)) || warn "no service has a VIP yet: nothing is redirected until the next sync"
}

# given[]: what the command line says; everything else is the default (install) or as installed (sync)
apply_given() {
  local key
  for key in mode return queue bypass offset priority reject fragments tun tier mask interfaces source; do
    [[ -z ${given["$key"]+x} ]] || set_["$key"]=${given["$key"]}
  done
  if [[ ${given[source]-} == options ]]; then
    vips4=() vips6=() backends=() backend_of=()
    for key in "${given_vips[@]}"; do add_vip "$key"; done
    for key in "${given_backends[@]}"; do add_backend_option "$key"; done
  fi
}

command_install() {
  lock_namespace
  load_installed
  need_tools
  [[ -z $found || $found == "$flavor" ]] ||
    fail "instance $instance is installed with iptables-$found" "lbrules remove --instance $instance first, or leave out --iptables"
  settings_default
  apply_given
  validate_settings
  adopt_orphans
  obtain_source
  validate_marks
  bring_in_line
}

command_sync() {
  lock_namespace
  load_installed
  need_tools
  [[ -n $found ]] || fail "instance $instance is not installed here" "lbrules install --instance $instance"
  flavor=$found
  apply_given
  obtain_source
  validate_marks
  bring_in_line
}

# Takes away empty built-in chains and tables that install made (nft; legacy cannot unload a table of a namespace).
# The kernel itself refuses to delete a chain that is not empty. A table is only dropped when at most our records are in
# it, so that those vanish in the same step. Returns 1 when the table stays.
remove_made() { # FAMILY TABLE
  local family table chain text builtin
  [[ $flavor == nft && $dry_run == no ]] || return 1
  while read -r family table chain; do
    [[ "$family $table" == "$1 $2" ]] || continue
    builtin='PREROUTING INPUT FORWARD OUTPUT POSTROUTING'
    for chain in ${chain:-$builtin}; do
      "$(xtables "$1" "")" -t "$2" -X "$chain" >/dev/null 2>&1 9>&- || true
    done
  done < <(printf '%s\n' "${made[@]}")
  [[ " ${made[*]/%/ ;}" == *" $1 $2 ;"* ]] || return 1
  text=$("$(xtables "$1" -save)" -t "$2" 2>/dev/null 9>&- |
    grep -v -e '^#' -e '^\*' -e '^COMMIT' -e '^:[A-Z]* ACCEPT ' -e "^:${chains}CFG " -e "^-A ${chains}CFG " || true)
  [[ -z $text ]] && "$(xtables "$1" -restore)" 9>&- <<<"*$2"$'\nCOMMIT'
}

command_remove() {
  local family table
  lock_namespace
  load_installed
  flavor=${found:-$flavor}
  need_tools
  if [[ -z $found ]]; then apply_given; validate_settings; adopt_orphans; fi
  want_nothing
  look_at_routing
  find_changes
  for family in 6 4; do
    apply_fragments $family "${change["$family fragments"]}"
    remove_made_raw $family
    for table in mangle nat filter; do restore $family $table "${change["$family $table"]}"; done
  done
  for family in 4 6; do ip_batch $family "${change["$family surplus"]}"; done
  for table in '6 mangle' '6 nat' '6 filter' '4 nat' '4 filter'; do
    # shellcheck disable=SC2086 # two words
    remove_made $table || true
  done
  remove_tc
  remove_made 4 mangle || [[ -z $found ]] || restore 4 mangle "-F ${chains}CFG"$'\n'"-X ${chains}CFG"
}
