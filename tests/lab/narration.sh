# shellcheck shell=bash
# How the demo talks: steps, commands as one would type them, bars. Sourced by demo. Colour on terminals only.

if [[ -t 1 && -z ${NO_COLOR-} && ${TERM-dumb} != dumb ]]; then
  bold=$'\e[1m' faint=$'\e[2m' green=$'\e[32m' cyan=$'\e[36m' plain=$'\e[0m'
else
  bold='' faint='' green='' cyan='' plain=''
fi
if [[ ${LC_ALL:-${LC_CTYPE:-${LANG-}}} == *[Uu][Tt][Ff]* ]]; then
  block=█ ideal_mark=┆
else
  block='#' ideal_mark='|'
fi
steps=0

step() { # TITLE WHAT
  steps=$((steps + 1))
  printf '\n%s%d. %s%s\n%s\n\n' "$bold$cyan" "$steps" "$1" "$plain" "$2"
}

# A command, wrapped so that it can still be pasted
show_command() {
  local word line='  $'
  for word; do
    if ((${#line} + ${#word} > 98)); then
      printf '%s%s \\%s\n' "$faint" "$line" "$plain"
      line='     '
    fi
    line+=" $word"
  done
  printf '%s%s%s\n' "$faint" "$line" "$plain"
}

say() { printf '\n%s\n' "$1"; }

strong() { printf '%s%s%s' "$bold$green" "$1" "$plain"; }

thousands() { # 1234567 -> 1,234,567
  local digits=$1 text=''
  while ((${#digits} > 3)); do
    text=,${digits: -3}$text
    digits=${digits:0:-3}
  done
  printf '%s%s' "$digits" "$text"
}

# A bar for each name, from lines "NAME COUNT" on stdin. The mark stands where equal shares would end.
bars() { # HOW MANY SHARE, CHOICES (connections or flows: what was thrown at random), NAME…
  local sharing=$1 choices=$2
  shift 2
  awk -v names="$*" -v sharing="$sharing" -v choices="$choices" -v block="$block" -v mark="$ideal_mark" \
    -v on="$green" -v off="$plain" '
    { count[$1] += $2; total += $2 }
    END {
      ideal = total / sharing
      print ""
      for (i = 1; i <= split(names, name, " "); i++) {
        bar = ""
        filled = ideal ? int(count[name[i]] / ideal * 40 + 0.5) : 0
        for (column = 1; column <= 52; column++)
          bar = bar (column <= filled ? block : column == 40 ? mark : " ")
        note = count[name[i]] ? sprintf("%+5.1f %%", (count[name[i]] / ideal - 1) * 100) : "   none"
        printf "  %-5s %5d  %s%s%s %s\n", name[i], count[name[i]], on, bar, off, note
      }
      printf "  ideal %5.0f  each; chance alone strays up to %.0f %% from it (3 sigma)\n", ideal, 300 * sqrt((sharing - 1) / choices)
    }'
}
