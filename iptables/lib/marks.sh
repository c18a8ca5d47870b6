# shellcheck shell=bash disable=SC2015,SC2034,SC2153,SC2154 # variables shared with lbrules; fail never returns
# Bits of the mark that others use, found in policy rules and in iptables rules of both flavors.

# Can a packet that bears our MARK also match VALUE/MASK of somebody else?
collides() { # OUR-MARK VALUE MASK
  local common=$(($3 & set_[mask]))
  ((common != 0 && ($1 & common) == ($2 & common)))
}
our_marks() {
  local backend
  for backend in "${backends[@]}"; do echo "${backend%% *}"; done
  [[ ${set_[reject]} == - ]] || echo "${set_[reject]}"
}

# Policy rules of others that would catch packets with a mark of ours: "MARK PROTOCOL RULE"
colliding_ip_rules() { # FAMILY
  local line value mask protocol mark marks
  marks=$(our_marks)
  while read -r line; do
    [[ $line =~ fwmark\ ([0-9a-fx]+)(/([0-9a-fx]+))? ]] || continue
    value=${BASH_REMATCH[1]} mask=${BASH_REMATCH[3]:-0xffffffff} protocol=0
    [[ ! $line =~ \ proto\ ([0-9]+) ]] || protocol=${BASH_REMATCH[1]}
    [[ $protocol != "$PROTOCOL" || " ${own_priorities[*]-} " != *" ${line%%:*} "* ]] || continue
    for mark in $marks; do
      ! collides "$mark" "$value" "$mask" || { echo "$mark $protocol $line"; break; }
    done
  done < <(ip -N -"$1" rule show 2>/dev/null 9>&- | tr '\t' ' ')
}

# Rules of others that set ("changes") or look at ("reads") bits within our mask: "changes|reads RULE"
overlapping_rules() { # a dump
  local line word rest bits
  while read -r line; do
    rest=$line bits=0 word=reads
    while [[ $rest =~ --(set-xmark|set-mark|nfmask|ctmask|mark)\ (0x[0-9a-f]+)(/(0x[0-9a-f]+))?(.*) ]]; do
      case ${BASH_REMATCH[1]} in
        mark) bits=$((bits | ${BASH_REMATCH[4]:-0xffffffff})) ;;
        nfmask | ctmask) bits=$((bits | BASH_REMATCH[2])) word=changes ;;
        *) bits=$((bits | BASH_REMATCH[2] | ${BASH_REMATCH[4]:-0xffffffff})) word=changes ;;
      esac
      rest=${BASH_REMATCH[5]}
    done
    ((0 == (bits & set_[mask]))) || echo "$word $line"
  done < <(grep -e '-\(mark\|xmark\|nfmask\) ' <<<"$1" | grep -v -e '^-A SYNLEV-' -e ' -j SYNLEV-' || true)
}
