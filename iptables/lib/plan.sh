# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# From what is there to what is wanted, in an order in which no packet of an unchanged backend goes astray and in which
# being killed anywhere leaves something that the next install or remove mends:
#   1 records: what we are about to own    2 routes and policy rules that are missing    3 filter, nat
#   4 mangle, which sends packets to user space    5 policy rules and routes too many    6 records as they stand
# Each netfilter table of each family changes in one commit (iptables-restore --noflush).

declare -A wanted=() present=() change=() # by "4 mangle", "4 rules", "4 routes" …

restore() { # FAMILY TABLE LINES
  [[ -n $3 ]] || return 0
  feed "*$2"$'\n'"$3"$'\nCOMMIT' "$(xtables "$1" -restore)" --noflush -w 10
}
ip_batch() { feed "$2" ip -N -"$1" -batch -; }

want_settings() {
  local family table
  for family in 4 6; do
    for table in mangle nat filter; do wanted["$family $table"]=$(wanted_rules $family $table); done
    wanted["$family rules"]=$(wanted_ip_rules $family)
    wanted["$family routes"]=$(wanted_routes $family)
    wanted["$family fragments"]=$(wanted_fragments $family)
  done
  wanted[tables]=$(printf '%s\n' "${wanted[4 routes]}" "${wanted[6 routes]}" | awk 'NF { print $1 }' | sort -un)
}
want_nothing() {
  local family part
  for family in 4 6; do
    for part in mangle nat filter rules routes fragments; do wanted["$family $part"]=''; done
  done
  wanted[tables]=''
}

look_at_routing() {
  local family
  for family in 4 6; do
    present["$family rules"]=$(present_ip_rules $family)
    present["$family routes"]=$(present_routes $family)
  done
}

# Restore input that turns the present rules of a table into the wanted ones; nothing when they are the same already.
# Chains that are right are left alone and keep their counters. The records (CFG) are written on their own.
table_change() { # FAMILY TABLE
  awk -v table="*$2" -v p="$chains" '
    !dump && /^---$/ { dump = 1; next }
    !dump && /^:/ { name = substr($0, 2); want[name] = 1; order[++chains] = name; next }
    !dump && /^-A / { rules[$2] = rules[$2] $0 "\n"; next }
    !dump && /^hook / {
      text = $0; sub(/^hook [A-Z]+ (first|last) /, "", text)
      hook[++hooks] = $2 " " text; place[hooks] = $3; wanted_hook[$2 " " text] = 1; next
    }
    /^\*/ { here = ($0 == table); next }
    !here { next }
    $1 == ":" p "CFG" || index($0, "-A " p "CFG ") == 1 { next }
    index($0, ":" p) == 1 { name = substr($1, 2); have[name] = 1; stale[++staled] = name; next }
    index($0, "-A " p) == 1 { present[$2] = present[$2] $0 "\n"; next }
    /^-A / && index($0, " -j " p) { text = substr($0, 4); if (!hooked[text]++) found[++founds] = text }
    END {
      for (i = 1; i <= chains; i++) {
        name = order[i]
        if (!(name in have) || rules[name] != present[name]) { decl = decl ":" name " - [0:0]\n"; add = add rules[name] }
      }
      printf "%s%s", decl, add
      # A hook that is there once and right stays; anything else goes and, if wanted, comes back
      for (i = 1; i <= founds; i++)
        if (hooked[found[i]] > 1 || !(found[i] in wanted_hook))
          while (hooked[found[i]]-- > 0) print "-D " found[i]
      for (i = 1; i <= hooks; i++)
        if (hooked[hook[i]] < 1) {
          text = hook[i]
          if (place[i] == "first") { sub(/ /, " 1 ", text); print "-I " text } else print "-A " text
        }
      for (i = 1; i <= staled; i++) if (!(stale[i] in want)) print "-F " stale[i]
      for (i = 1; i <= staled; i++) if (!(stale[i] in want)) print "-X " stale[i]
    }' <<<"${wanted["$1 $2"]}"$'\n---\n'"${saved[$1]}"
}

missing() { # FAMILY: routes, then rules to add, as ip batch lines
  local table shape address
  while read -r table shape address; do
    route_arguments "$table" "$shape" "$address"
    echo "route replace $REPLY protocol $PROTOCOL"
  done < <(lines_without "${wanted["$1 routes"]}" "${present["$1 routes"]}")
  lines_without "${wanted["$1 rules"]}" "${present["$1 rules"]}" | sed "s/.*/rule add & protocol $PROTOCOL/"
}

surplus() { # FAMILY: rules and routes to delete, as ip batch lines
  local table shape address
  lines_without "${present["$1 rules"]}" "${wanted["$1 rules"]}" | sed "s/.*/rule del & protocol $PROTOCOL/"
  while read -r table shape address; do
    # In a dry run the wrong route is still there; for real, `route replace` has put the right one in its place
    [[ $dry_run == yes && $'\n'${wanted["$1 routes"]} == *$'\n'"$table "* ]] && continue
    route_arguments "$table" "$shape" "$address"
    echo "route del $REPLY protocol $PROTOCOL"
  done < <(lines_without "${present["$1 routes"]}" "${wanted["$1 routes"]}")
}

find_changes() {
  local family part
  for family in 4 6; do
    for part in mangle nat filter; do change["$family $part"]=$(table_change $family $part); done
    change["$family missing"]=$(missing $family)
    change["$family fragments"]=$(fragments_change $family)
    change["$family surplus"]=$(surplus $family)
  done
}

something_to_change() { [[ "${change[*]}" == *[![:space:]]* ]]; }

write_records() { # RECORDS; those that are there already (in present[records]) are not written again
  local lines
  [[ $1 != "${present[records]}" ]] || return 0
  # shellcheck disable=SC2001 # on each line
  lines=$(sed "s/.*/-A ${chains}CFG -m comment --comment \"&\"/" <<<"$1")
  restore 4 mangle ":${chains}CFG - [0:0]"$'\n'"$lines"
  present[records]=$1
}

# Everything that can be refused, before anything is changed
refuse_what_collides() {
  local new table family use p address
  new=$(lines_without "${wanted[tables]}" "$(printf '%s\n' "${own_tables[@]}")")
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
    read -r p _ use < <(colliding_ip_rules "$family" | awk -v p="$PROTOCOL" '$2 == p') || true
    [[ -z $use ]] || fail "the fwmark $p means a backend of another instance: $use" "give the instances different fwmarks or mark masks"
    # shellcheck disable=SC2086 # a list of numbers
    use=$(foreign_use_of_tables "$family" $new | head -n 1)
    [[ -z $use ]] || fail "a routing table is in use by others; table $use" "choose another --table-offset"
    # shellcheck disable=SC2046 # a list of addresses
    address=$(not_on_link "$family" $(lines_without "${wanted["$family routes"]}" "${present["$family routes"]}" | awk '$2 == "via" { print $3 }') | head -n 1)
    [[ -z $address ]] || fail "the backend address $address is on no network of this host, so no route can lead through it" \
      "give the interface towards it an address of its network, or use --return dnat"
  done
}

# Built-in parts that our first rule will create. Only nft can take them away again; which base chains exist in a table
# that exists, only nft itself tells.
note_what_is_made() {
  local family table chain known
  [[ $flavor == nft ]] || return 0
  for family in 4 6; do
    for table in mangle nat filter; do
      [[ -n ${wanted["$family $table"]} ]] || continue
      known=" ${made[*]/%/ ;}"
      [[ $known != *" $family $table ;"* ]] || continue
      if [[ $'\n'${saved[$family]} != *$'\n*'"$table"$'\n'* ]]; then made+=("$family $table"); continue; fi
      have_tool nft || continue
      while read -r _ chain _; do
        nft list chain "$([[ $family == 4 ]] && echo ip || echo ip6)" $table "$chain" >/dev/null 2>&1 9>&- ||
          [[ $known == *" $family $table $chain ;"* ]] || made+=("$family $table $chain")
      done < <(grep '^hook' <<<"${wanted["$family $table"]}")
    done
  done
}

own_records() {
  {
    printf 'own-priority %s\n' "${own_priorities[@]}"
    ((${#own_tables[@]} == 0)) || printf 'own-table %s\n' "${own_tables[@]}"
    ((${#made[@]} == 0)) || printf 'made %s\n' "${made[@]}"
  } | sort -u
}

bring_in_line() {
  local family
  want_settings
  look_at_routing
  refuse_what_collides
  # shellcheck disable=SC2206 # numbers
  own_tables+=(${wanted[tables]}) own_priorities+=("${set_[priority]}")
  look_at_routing
  refuse_impossible_fragments
  note_what_is_made
  note_raw_is_made
  find_changes
  if something_to_change; then
    write_records "$(settings_records; own_records; echo pending yes)"
    for family in 4 6; do ip_batch $family "${change["$family missing"]}"; done
    for family in 6 4; do
      restore $family filter "${change["$family filter"]}"
      restore $family nat "${change["$family nat"]}"
      restore $family mangle "${change["$family mangle"]}"
      apply_fragments $family "${change["$family fragments"]}"
    done
    [[ $dry_run == yes ]] || look_at_routing
    for family in 4 6; do ip_batch $family "$(surplus $family)"; done
  fi
  # shellcheck disable=SC2206 # numbers
  own_tables=(${wanted[tables]}) own_priorities=("${set_[priority]}")
  write_records "$(settings_records; own_records)"
}
