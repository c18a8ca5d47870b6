# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# Addresses and prefixes in the one spelling that the kernel's tools print (RFC 5952 for IPv6), host bits cleared.
# Each function puts its answer into REPLY and returns 1 when the text is no address.

is_v6() { [[ $1 == *:* ]]; }

_canonical4() { # ADDRESS LENGTH
  local IFS=. parts part n=0
  [[ $1 =~ ^[0-9]+(\.[0-9]+){3}$ ]] || return 1
  read -ra parts <<<"$1"
  for part in "${parts[@]}"; do
    [[ ${#part} -le 3 && $part =~ ^(0|[1-9][0-9]*)$ ]] && ((part <= 255)) || return 1
    n=$((n << 8 | part))
  done
  (($2 == 32)) || n=$((n & (0xffffffff << (32 - $2)) & 0xffffffff))
  REPLY="$((n >> 24)).$((n >> 16 & 255)).$((n >> 8 & 255)).$((n & 255))"
}

_canonical6() { # ADDRESS LENGTH
  local head=$1 tail='' group i bits run=0 start=-1 best=0 at=-1 IFS=:
  local -a a b groups=()
  [[ $1 =~ ^[0-9A-Fa-f:]+$ && $1 != *:::* && $1 != *::*::* ]] || return 1
  [[ $1 != :[!:]* && $1 != *[!:]: ]] || return 1
  if [[ $1 == *::* ]]; then head=${1%%::*} tail=${1#*::}; fi
  read -ra a <<<"$head"
  read -ra b <<<"$tail"
  if [[ $1 == *::* ]]; then
    ((${#a[@]} + ${#b[@]} <= 7)) || return 1
    groups=("${a[@]}")
    for ((i = ${#a[@]} + ${#b[@]}; i < 8; i++)); do groups+=(0); done
    groups+=("${b[@]}")
  else
    groups=("${a[@]}")
  fi
  ((${#groups[@]} == 8)) || return 1
  for ((i = 0; i < 8; i++)); do
    group=${groups[i]}
    [[ $group =~ ^[0-9A-Fa-f]{1,4}$ ]] || return 1
    bits=$(($2 - 16 * i))
    ((bits >= 0)) || bits=0
    ((bits <= 16)) || bits=16
    groups[i]=$((16#$group & (0xffff << (16 - bits)) & 0xffff))
    if ((groups[i] == 0)); then
      ((run++)) || start=$i
      if ((run > best)); then best=$run at=$start; fi
    else run=0; fi
  done
  # Mapped addresses would be printed in dotted form, and nobody means them
  ((at != 0 || best < 5)) || ((groups[5] != 0xffff)) || return 1
  REPLY=
  for ((i = 0; i < 8; i++)); do
    if ((best > 1 && i == at)); then REPLY+=:; ((i += best - 1, i < 7)) || REPLY+=:; continue; fi
    printf -v group %x "${groups[i]}"
    REPLY+=${REPLY:+:}$group
  done
  [[ $REPLY != :[!:]* ]] || REPLY=:$REPLY
}

canonical_address() {
  if is_v6 "$1"; then _canonical6 "$1" 128; else _canonical4 "$1" 32; fi
}

canonical_prefix() {
  local address=${1%/*} length max=32
  ! is_v6 "$1" || max=128
  length=$max
  [[ $1 != */* ]] || length=${1##*/}
  [[ $length =~ ^(0|[1-9][0-9]{0,2})$ ]] && ((length <= max)) || return 1
  if ((max == 32)); then _canonical4 "$address" "$length"; else _canonical6 "$address" "$length"; fi || return 1
  REPLY+=/$length
}
