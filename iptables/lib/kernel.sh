# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# What the kernel has now. Reads only; nothing here depends on what is wanted.

declare -A saved=() # saved[4], saved[6]: iptables-save of the flavor in use; saved[FLAVOR]: IPv4 of each flavor
others_priorities=' ' others_tables=' '

xtables() { # FAMILY PROGRAM-SUFFIX -> e.g. ip6tables-legacy-restore
  if [[ $1 == 4 ]]; then printf 'iptables-%s%s' "$flavor" "$2"; else printf 'ip6tables-%s%s' "$flavor" "$2"; fi
}

# Without -t: naming a table would make legacy create it. Which ones it has, legacy reads in /proc, where a user
# namespace's root may not; there they have to be named after all.
save_all() { # FAMILY FLAVOR [-c]
  local program=iptables-$2-save table names=/proc/net/ip_tables_names
  if [[ $1 == 6 ]]; then program=ip6tables-$2-save names=/proc/net/ip6_tables_names; fi
  if [[ $2 == nft || ! -e $names || -r $names ]]; then
    "$program" "${@:3}" 9>&- 2>/dev/null || true
  elif [[ -z $found || $found == legacy ]]; then
    for table in mangle nat filter; do "$program" "${@:3}" -t $table 9>&- 2>/dev/null || true; done
  fi
}

comments_of() { # CHAIN, a dump on stdin -> the text of its comments
  sed -n "s/^-A $1 -m comment --comment \"\(.*\)\"\$/\1/p"
}

# Which flavor holds our records, and what other instances own, in whichever flavor they are
survey() {
  local f chain key value
  found=
  for f in nft legacy; do
    have_tool "iptables-$f-save" || continue
    saved[$f]=$(save_all 4 "$f")
    while read -r chain; do
      if [[ $chain == "${chains}CFG" ]]; then found=$f; continue; fi
      while read -r key value; do
        case $key in
          own-priority) others_priorities+="$value " ;;
          own-table) others_tables+="$value " ;;
        esac
      done < <(comments_of "$chain" <<<"${saved[$f]}")
    done < <(sed -n 's/^:\(SYNLEV-.*-CFG\) .*/\1/p' <<<"${saved[$f]}")
  done
}

default_flavor() {
  if [[ -n $found ]]; then echo "$found"
  elif ! have_tool iptables || [[ $(iptables -V) == *nf_tables* ]]; then echo nft
  else echo legacy; fi
}

# Ours as arguments of `ip rule`: protocol ours, priority one that this instance owns
present_ip_rules() { # FAMILY
  ip -N -"$1" rule show 9>&- 2>/dev/null | awk -v own=" ${own_priorities[*]-} " -v protocol="$PROTOCOL" '
    $NF == protocol && $(NF - 1) == "proto" {
      pref = $1; sub(/:$/, "", pref)
      mine = 0
      for (i = 0; i < 3; i++) if (index(own, " " (pref - i) " ")) mine = 1
      if (!mine) next
      text = $0; sub(/^[0-9]+:[ \t]+from all /, "", text); sub(/ *proto [0-9]+ *$/, "", text)
      sub(/ 6$/, " blackhole", text); sub(/ ipproto ipproto-/, " ipproto ", text); sub(/ fwmark 0 /, " fwmark 0/0xffffffff ", text)
      print "pref " pref " " text
    }'
}

# Tables that a rule of ours looks up: what remains to go by when the records are gone
looked_up_tables() { # FAMILY
  present_ip_rules "$1" | sed -n 's/.* lookup \([0-9]*\)$/\1/p'
}

# Ours in the form of wanted_routes; what has another shape is "TABLE other ARGUMENTS"
present_routes() { # FAMILY
  ip -N -"$1" route show table all proto "$PROTOCOL" 9>&- 2>/dev/null |
    awk -v own=" ${own_tables[*]-} " '
      {
        table = ""; via = ""; dev = ""
        for (i = 1; i < NF; i++) {
          if ($i == "table") table = $(i + 1)
          if ($i == "via") via = $(i + 1)
          if ($i == "dev") dev = $(i + 1)
        }
        if (table == "" || !index(own, " " table " ")) next
        if ($1 == "default" && via != "") print table " via " via
        else if ($1 == "default" && dev == "lo") print table " forward"
        else if ($1 == "2" && $2 == "default" && dev == "lo") print table " local"
        else print table " other " ($1 == "2" ? "local " $2 : $1) (dev == "" ? "" : " dev " dev)
      }'
}

# Tables among those given that others use: "TABLE what"
foreign_use_of_tables() { # FAMILY TABLES…
  local family=$1
  shift
  (($# > 0)) || return 0
  ip -N -"$family" route show table all 9>&- 2>/dev/null | awk -v asked=" $* " -v protocol="$PROTOCOL" '
    {
      table = ""; proto = ""
      for (i = 1; i < NF; i++) { if ($i == "table") table = $(i + 1); if ($i == "proto") proto = $(i + 1) }
      if (table != "" && proto != protocol && index(asked, " " table " ")) print table " holds the route: " $0
    }'
  ip -N -"$family" rule show 9>&- 2>/dev/null | awk -v asked=" $* " -v protocol="$PROTOCOL" '
    {
      table = ""; proto = ""
      for (i = 1; i < NF; i++) { if ($i == "lookup") table = $(i + 1); if ($i == "proto") proto = $(i + 1) }
      if (table != "" && proto != protocol && index(asked, " " table " ")) print table " is looked up by the rule: " $0
    }'
}

# Addresses that are no neighbours: a route through them cannot be made
not_on_link() { # FAMILY ADDRESSES…
  local family=$1 seen
  shift
  (($# > 0)) || return 0
  seen=$(printf 'route get %s\n' "$@" | { ip -N -"$family" -force -batch - 2>/dev/null 9>&- || true; } |
    awk '$0 !~ / via / && $1 != "2" && $0 ~ / dev / { print $1 }')
  lines_without "$(printf '%s\n' "$@")" "$seen"
}
