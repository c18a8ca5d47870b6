# shellcheck shell=bash disable=SC2154 # variables of helper
# A tc program in lb as lbd attaches it; tc.py stands in for it.

export SYNLEV_RUN_DIR=$BATS_TEST_TMPDIR/run

# nsenter and not `ip netns exec`, which would mount a fresh /sys and see our bpffs only until it ends
attach() { # DEVICE MARK [HANDLE [NAME]]
  local dir=$SYNLEV_RUN_DIR/default
  mkdir -p "$dir/bpf"
  grep -q " $dir/bpf bpf " /proc/self/mounts || mount -t bpf bpf "$dir/bpf" 2>/dev/null || cannot "needs a kernel with BPF"
  nsenter --net="/run/netns/$prefix-lb" "$here/tc.py" "$1" "$2" 21337 "${3:-0x51}" "$dir" "${4:-synlev_tc}" || cannot "needs libbpf and clsact"
}
lb_here() { nsenter --net="/run/netns/$prefix-lb" "$lbrules" "$@"; }
drop_tc() { # the mount that a failed test left
  ! grep -q " $SYNLEV_RUN_DIR/default/bpf bpf " /proc/self/mounts || umount "$SYNLEV_RUN_DIR/default/bpf"
}
