# shellcheck shell=bash disable=SC2154 # name, scratch, repo, nfqlb, lbd, contender, services are set by the benchmarks
# How each contender is set up, told its 4 backends, started and cleaned up. Sourced by vs-peer.
#   prepare_X   creates its state, 4 backends active
#   marks_X     prints the fwmarks of the backends
#   start_X     becomes the daemon on queue 2 in the lab's lb
#   ready_X     tells it what it has to be told while it runs
#   clean_X     removes its state

in_lb() { exec nsenter --net="/run/netns/$name-lb" -- "$@"; }

# With --services N > 1: the one that the load is for stands in the middle of N - 1 others of the VIP.
add_services() { # COMMAND, which is given NAME PORTS
  local i
  [[ $services -gt 1 ]] || return 0
  for ((i = 1; i <= services; i++)); do
    if [[ $i -eq $((services / 2)) ]]; then "$1" load 5001-5002; else "$1" "other$i" "$((20000 + i))"; fi || return 1
  done
}

# --- ours
synlev_environment() {
  export SYNLEV_STATE_DIR=/dev/shm/synlev-$name SYNLEV_INSTANCE=bench
}

prepare_synlev() (
  synlev_environment
  local vip=(--vip 10.0.0.0/32)
  [[ $services -eq 1 ]] || vip=()
  { "$repo/synlev" magctl create --backends 4 "${vip[@]}" && add_services add_synlev; } >"$scratch/setup.log" 2>&1 || { cat "$scratch/setup.log" >&2; return 1; }
)
add_synlev() { "$repo/synlev" magctl service add "$1" --vip 10.0.0.0/32 --protocol tcp,udp --port "$2"; } # NAME PORTS

marks_synlev() (
  synlev_environment
  "$repo/synlev" magctl show --plain | awk -F '\t' '$1 == "backend" && $6 == "active" { printf "%s ", $4 } END { print "" }'
)

start_synlev() {
  synlev_environment
  # shellcheck disable=SC2086 # the command line is given as words
  in_lb ${lbd:-"$repo/synlev" lbd --queue 2}
}

ready_synlev() { :; }
clean_synlev() { rm -rf "/dev/shm/synlev-$name"; }

# --- nfqlb; its shared memory objects are files of /dev/shm, too
nfqlb_prepare() { # OBJECT
  { "$nfqlb" init --shm="$1" && "$nfqlb" activate --shm="$1" 1 2 3 4; } >"$scratch/setup.log" 2>&1 && return
  cat "$scratch/setup.log" >&2
  return 1
}
nfqlb_start() {
  if [[ $services -eq 1 ]]; then in_lb "$nfqlb" lb --tshm="$1" --ft_shm="$1-ft" --queue=2; fi
  in_lb "$nfqlb" flowlb --ft_shm="$1-ft" --queue=2
}
nfqlb_add() { nsenter --net="/run/netns/$name-lb" -- "$nfqlb" flow-set --name="$1" --dsts=10.0.0.0/32 --protocols=tcp,udp --dports="$2" --target="$target"; } # NAME PORTS
nfqlb_clean() { rm -f "/dev/shm/$1" "/dev/shm/$1-ft"; }

prepare_nfqlb() { nfqlb_prepare "$name-nfqlb"; }
marks_nfqlb() { echo 1 2 3 4; }
start_nfqlb() { nfqlb_start "$name-nfqlb"; }
ready_nfqlb() { target=$name-nfqlb add_services nfqlb_add; }
clean_nfqlb() { nfqlb_clean "$name-nfqlb"; }

# --- nfqlb once more, for --null
prepare_nfqlb_too() { nfqlb_prepare "$name-nfqlb-too"; }
marks_nfqlb_too() { echo 1 2 3 4; }
start_nfqlb_too() { nfqlb_start "$name-nfqlb-too"; }
ready_nfqlb_too() { target=$name-nfqlb-too add_services nfqlb_add; }
clean_nfqlb_too() { nfqlb_clean "$name-nfqlb-too"; }

# nfqlb makes an object for its trace server, too, the same for all nfqlb of a machine: only removed if it is ours
foreign_trace=no
[[ ! -e /dev/shm/nfqlb-trace ]] || foreign_trace=yes

clean_contenders() { clean_synlev; clean_nfqlb; clean_nfqlb_too; [[ $foreign_trace == yes ]] || rm -f /dev/shm/nfqlb-trace; }
