# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# Who carries established flows past lbd: nobody (mode all), conntrack (syn) or a tc program (tc). The program is lbd's:
# it attaches, pins and removes it. lbd writes down what it makes in RUN/INSTANCE, and what a killed one left is found by
# that: tc.INTERFACE ("clsact created|found, pref N, handle 0x…") for each filter, and bpf, a bpffs with the maps.

run_dir=${SYNLEV_RUN_DIR:-/run/synlev}
TC_PROGRAM=synlev_tc # as the kernel names it
tc_devices=()        # where a filter of this instance is now

mode_of_offload() { # WORD -> REPLY
  case $1 in
    none) REPLY=all ;;
    conntrack) REPLY=syn ;;
    tc) REPLY=tc ;;
    *) usage_error "unknown offload: $1" "--offload none, conntrack or tc" ;;
  esac
}
offload_word() { case ${set_[mode]} in syn) echo conntrack ;; tc) echo tc ;; *) echo none ;; esac; }

# Rules of ours that let packets pass which conntrack knew; those that the tc program marked meet no rule that counts
offload_pattern() { if [[ ${set_[mode]} == syn ]]; then echo 'EST.*-j.ACCEPT'; else echo ' none '; fi; }

perform() { # COMMAND…: runs or prints it
  if [[ $dry_run == yes ]]; then printf '%s\n' "$*"; else "$@" 9>&-; fi
}

tc_filter() { # RECORD -> pref, handle; 1 when it is no record
  [[ $1 =~ pref\ ([0-9]+),\ handle\ (0x[0-9a-f]+) ]] || return 1
  pref=${BASH_REMATCH[1]} handle=${BASH_REMATCH[2]}
}

# Our program only: a filter of others that took the place stays
has_tc_filter() { # DEVICE PREF HANDLE
  tc filter show dev "$1" ingress pref "$2" 2>/dev/null 9>&- | grep -q " handle $3 ${TC_PROGRAM}[: ]"
}

find_tc() { # -> tc_devices
  local file record pref handle
  tc_devices=()
  have_tool tc || return 0
  for file in "$run_dir/$instance"/tc.*; do
    [[ -f $file ]] && record=$(<"$file") && tc_filter "$record" || continue
    ! has_tc_filter "${file##*/tc.}" "$pref" "$handle" || tc_devices+=("${file##*/tc.}")
  done
}

is_queue_read() { awk -v queue="${set_[queue]%%:*}" '$1 == queue { found = 1 } END { exit !found }' /proc/net/netfilter/nfnetlink_queue 2>/dev/null; }

# Not of a daemon that is alive: it fills the maps. At its end it leaves the program, for the next one to take over.
remove_tc() {
  local dir=$run_dir/$instance file dev record pref handle
  [[ -d $dir ]] || return 0
  if is_queue_read; then
    warn "queue ${set_[queue]} is being read, so the tc program of $instance stays: end lbd, then run 'lbrules remove' again"
    return 0
  fi
  have_tool tc || fail "the program tc is missing, and $dir says that there is a filter" "apt-get install iproute2"
  for file in "$dir"/tc.*; do
    [[ -f $file ]] || continue
    dev=${file##*/tc.} record=$(<"$file")
    if tc_filter "$record"; then remove_tc_filter "$dev" "$record"; fi
    perform rm -f "$file"
  done
  if grep -q " $dir/bpf bpf " /proc/self/mounts; then
    # The kernel's own *.debug cannot be deleted; they go with the mount
    for file in "$dir"/bpf/*; do [[ ! -e $file || $file == *.debug ]] || perform rm -f "$file"; done
    perform umount "$dir/bpf"
  fi
  [[ ! -d $dir/bpf ]] || perform rmdir "$dir/bpf"
  perform rmdir "$dir" || warn "$dir is not empty: somebody else keeps files there"
}

remove_tc_filter() { # DEVICE RECORD; uses pref and handle
  local others
  ! has_tc_filter "$1" "$pref" "$handle" || perform tc filter del dev "$1" ingress pref "$pref" handle "$handle" bpf
  # Only a qdisc that lbd made, and in which nobody else has a filter (in a dry run ours is still there)
  [[ $2 == 'clsact created'* && -n $(tc qdisc show dev "$1" clsact 2>/dev/null 9>&-) ]] || return 0
  others=$({ tc filter show dev "$1" ingress; tc filter show dev "$1" egress; } 2>/dev/null 9>&- |
    grep '^filter ' | grep -vE " pref $pref bpf chain 0 ?(handle $handle .*)?\$" || true)
  [[ -n $others ]] || perform tc qdisc del dev "$1" clsact
}

check_tc() {
  find_tc
  if [[ ${set_[mode]} != tc ]]; then
    ((${#tc_devices[@]} == 0)) || problem "a tc program is on ${tc_devices[*]}, but its marks are not looked at" \
      "the rules are for --offload $(offload_word), so packets that it marked are queued all the same" "lbrules install --offload tc, or end lbd"
    return 0
  fi
  have_tool tc || { problem "the program tc is missing" "whether flows are offloaded cannot be seen" "apt-get install iproute2"; return 0; }
  if ((${#tc_devices[@]} == 0)); then
    problem "no tc program of instance $instance is on any interface" "every packet goes to lbd: nothing knows which flows are established" "start lbd --instance $instance --offload tc"
  elif ! is_queue_read; then
    note "the tc program on ${tc_devices[*]} goes on without lbd" "it carries the flows that it knows; new ones wait for lbd" "start lbd again, which takes it over, or 'lbrules remove'"
  fi
}
