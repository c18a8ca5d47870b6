# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# From what is there to what is wanted, in an order in which no packet of an unchanged backend goes astray and in which
# being killed anywhere leaves something that the next install or remove mends:
#   1 records: what we are about to own    2 routes and policy rules that are missing    3 filter, nat
#   4 mangle, which sends packets to user space    5 policy rules and routes too many    6 records as they stand
# Each netfilter table of each family changes in one commit (iptables-restore --noflush).

restore() { # FAMILY TABLE LINES
  [[ -n $3 ]] || return 0
  feed "*$2"$'\n'"$3"$'\nCOMMIT' "$(xtables "$1" -restore)" --noflush -w 10
}
ip_batch() { feed "$2" ip -N -"$1" -batch -; }

snapshot() {
  saved[4]=$(save_all 4 "$flavor")
  saved[6]=$(save_all 6 "$flavor")
}

by_chain() { grep "$1" <<<"$2" | LC_ALL=C sort -s -k2,2 || true; }

# Restore input that turns the present rules of a table into the wanted ones; empty when they are the same already
table_change() { # FAMILY TABLE WANTED
  local have want=$3 own_have own_want hooks_have hooks_want chain stale line first
  # The records are a chain of their own, changed on their own
  have=$(present_rules "$1" "$2" | grep -v -e "^:${chains}CFG\$" -e "^-A ${chains}CFG " || true)
  own_have=$(by_chain '^-A' "$have")$'\n'$(grep '^:' <<<"$have" | sort || true)
  own_want=$(by_chain '^-A' "$want")$'\n'$(grep '^:' <<<"$want" | sort || true)
  hooks_have=$(grep '^hook' <<<"$have" | sort || true)
  hooks_want=$(sed -n 's/^\(hook [A-Z]*\) \(first\|last\) /\1 /p' <<<"$want" | sort)
  [[ $own_have != "$own_want" || $hooks_have != "$hooks_want" ]] || return 0
  if [[ $own_have != "$own_want" ]]; then
    sed -n 's/^:\(.*\)/:\1 - [0:0]/p' <<<"$want"
    grep '^-A' <<<"$want" || true
  fi
  # A hook that is there once and right stays; anything else goes and, if wanted, comes back
  while read -r line; do
    [[ -z $line ]] || { [[ $(grep -cxF -- "$line" <<<"$hooks_have") == 1 ]] && grep -qxF -- "$line" <<<"$hooks_want"; } ||
      echo "-D ${line#hook }"
  done <<<"$hooks_have"
  while read -r _ chain first line; do
    [[ -n $chain ]] || continue
    [[ $(grep -cxF -- "hook $chain $line" <<<"$hooks_have") == 1 ]] && continue
    if [[ $first == first ]]; then echo "-I $chain 1 $line"; else echo "-A $chain $line"; fi
  done < <(grep '^hook' <<<"$want" || true)
  stale=$(lines_without "$(grep '^:' <<<"$have" || true)" "$(grep '^:' <<<"$want" || true)")
  sed -n 's/^:/-F /p' <<<"$stale"
  sed -n 's/^:/-X /p' <<<"$stale"
}

change_table() { # FAMILY TABLE WANTED
  restore "$1" "$2" "$(table_change "$@")"
}

write_records() { # RECORDS
  local have want
  # shellcheck disable=SC2001 # on each line
  want=$(sed "s/.*/-A ${chains}CFG -m comment --comment \"&\"/" <<<"$1")
  have=$(present_rules 4 mangle | grep "^-A ${chains}CFG " || true)
  [[ $have != "$want" ]] || return 0
  restore 4 mangle ":${chains}CFG - [0:0]"$'\n'"$want"
}

wanted_tables() {
  { wanted_routes 4; wanted_routes 6; } | awk '{ print $1 }' | sort -un
}

# Everything that can be refused, before anything is changed
refuse_what_collides() {
  local new table family use p address
  new=$(lines_without "$(wanted_tables)" "$(printf '%s\n' "${own_tables[@]}")")
  for table in $new; do
    ((table < 253 || table > 255)) && ((table > 0 && table <= 0xffffffff)) ||
      fail "the routing table $table (offset ${set_[offset]} + fwmark) belongs to the system or does not exist" "choose another --table-offset"
    [[ $others_tables != *" $table "* ]] ||
      fail "the routing table $table belongs to another instance" "choose another --table-offset for $instance"
  done
  for p in "${set_[priority]}" $((set_[priority] + 1)) $((set_[priority] + 2)); do
    for use in $others_priorities; do
      ((p < use || p > use + 2)) ||
        fail "the rule priorities from $use belong to another instance" "choose another --rule-priority for $instance, e.g. $((use + 10))"
    done
  done
  for family in 4 6; do
    # shellcheck disable=SC2086 # a list of numbers
    use=$(foreign_use_of_tables "$family" $new | head -n 1)
    [[ -z $use ]] || fail "a routing table is in use by others; table $use" "choose another --table-offset"
    # shellcheck disable=SC2046 # a list of addresses
    address=$(not_on_link "$family" $(lines_without "$(wanted_routes "$family")" "$(present_routes "$family")" | awk '$2 == "via" { print $3 }') | head -n 1)
    [[ -z $address ]] || fail "the backend address $address is on no network of this host, so no route can lead through it" \
      "give the interface towards it an address of its network, or use --return dnat"
  done
}

# Built-in parts that our first rule will create. Only nft can take them away again; which base chains exist in a table
# that exists, only nft itself tells.
note_what_is_made() {
  [[ $flavor == nft ]] || return 0
  local family table chain
  for family in 4 6; do
    for table in mangle nat filter; do
      grep -q '^hook\|^:' <<<"$(wanted_rules $family $table)" || [[ "$family $table" == '4 mangle' ]] || continue
      if ! grep -qx "\*$table" <<<"${saved[$family]}"; then made+=("$family $table"); continue; fi
      [[ " ${made[*]-} " != *" $family $table "* ]] && have_tool nft || continue
      for chain in $(wanted_rules $family $table | awk '$1 == "hook" { print $2 }'); do
        nft list chain "$([[ $family == 4 ]] && echo ip || echo ip6)" $table "$chain" >/dev/null 2>&1 9>&- ||
          made+=("$family $table $chain")
      done
    done
  done
}

surplus() { # FAMILY: rules and routes to delete, as ip batch lines
  local table shape address
  lines_without "$(present_ip_rules "$1")" "$(wanted_ip_rules "$1")" | sed "s/.*/rule del & protocol $PROTOCOL/"
  while read -r table shape address; do
    # In a dry run the wrong route is still there; for real, `route replace` has put the right one in its place
    [[ $dry_run == yes && " $(wanted_tables | tr '\n' ' ') " == *" $table "* ]] && continue
    echo "route del $(route_arguments "$table" "$shape" "$address") protocol $PROTOCOL"
  done < <(lines_without "$(present_routes "$1")" "$(wanted_routes "$1")")
}

missing() { # FAMILY: routes, then rules to add
  local table shape address
  while read -r table shape address; do
    echo "route replace $(route_arguments "$table" "$shape" "$address") protocol $PROTOCOL"
  done < <(lines_without "$(wanted_routes "$1")" "$(present_routes "$1")")
  lines_without "$(wanted_ip_rules "$1")" "$(present_ip_rules "$1")" | sed "s/.*/rule add & protocol $PROTOCOL/"
}

own_records() {
  printf 'own-priority %s\n' "${own_priorities[@]}" | sort -u
  ((${#own_tables[@]} == 0)) || printf 'own-table %s\n' "${own_tables[@]}" | sort -u
  ((${#made[@]} == 0)) || printf 'made %s\n' "${made[@]}" | sort -u
}

bring_in_line() {
  local family settings
  settings=$(settings_records)
  # shellcheck disable=SC2046,SC2207 # numbers
  own_tables=($(printf '%s\n' "${own_tables[@]}" $(wanted_tables) | sort -un))
  own_priorities+=("${set_[priority]}")
  note_what_is_made
  if [[ -n $(everything_to_change) ]]; then
    write_records "$settings"$'\n'"$(own_records)"$'\npending'
    for family in 4 6; do ip_batch $family "$(missing $family)"; done
    for family in 6 4; do
      change_table $family filter "$(wanted_rules $family filter)"
      change_table $family nat "$(wanted_rules $family nat)"
      change_table $family mangle "$(wanted_rules $family mangle)"
    done
    for family in 4 6; do ip_batch $family "$(surplus $family)"; done
  fi
  # shellcheck disable=SC2207 # numbers
  own_tables=($(wanted_tables))
  own_priorities=("${set_[priority]}")
  [[ $dry_run == yes ]] || snapshot
  write_records "$settings"$'\n'"$(own_records)"
}

everything_to_change() {
  local family table
  for family in 4 6; do
    missing $family
    surplus $family
    for table in filter nat mangle; do table_change $family $table "$(wanted_rules $family $table)"; done
  done
}
