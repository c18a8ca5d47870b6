#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper
# Killed with SIGKILL at each step: the next install or remove mends it.

load helper

setup() {
  need_root
  make_balancer
  # In front of the real programs: before the KILL_AT-th call that changes something, kill lbrules
  local program
  mkdir "$BATS_TEST_TMPDIR/bin"
  for program in ip iptables-nft-restore ip6tables-nft-restore; do
    cat >"$BATS_TEST_TMPDIR/bin/$program" <<END
#!/bin/bash
if [[ \${KILL_AT-} && "$program \$*" == *@(-restore|' -N -'[46]' -batch -')* ]]; then
  echo >>"$BATS_TEST_TMPDIR/calls"
  [[ \$(wc -l <"$BATS_TEST_TMPDIR/calls") != "\$KILL_AT" ]] || { kill -9 \$PPID; exit 1; }
fi
exec $(command -v $program) "\$@"
END
    chmod +x "$BATS_TEST_TMPDIR/bin/$program"
  done
  install=(install --iptables nft --mode syn --return routed --reject-mark 99 "${explicit[@]}")
}
teardown() { drop_namespaces; }

killed_at() { # STEP lbrules-arguments; 1 when lbrules came to its end before that step
  local step=$1
  shift
  rm -f "$BATS_TEST_TMPDIR/calls"
  ! PATH=$BATS_TEST_TMPDIR/bin:$PATH KILL_AT=$step lb "$@" 2>/dev/null
}

@test "an install killed at any step is removed without a trace" {
  before=$(dump lb)
  for ((step = 1; step < 20; step++)); do
    killed_at $step "${install[@]}" || break
    lb remove
    same "$before" "$(dump lb)" || { echo "step $step"; return 1; }
  done
  ((step > 6 && step < 20))
}

@test "an install and a remove killed at any step are completed by the next" {
  before=$(dump lb)
  lb "${install[@]}"
  whole=$(dump lb | sort)
  lb remove
  for ((step = 1, killed = 2; killed > 0; step++)); do
    killed=0
    ! killed_at $step "${install[@]}" || killed=1
    ((killed == 0 || step == 1)) || { run lb show; [ "$status" -eq 0 ]; says UNFINISHED || { echo "step $step"; return 1; }; }
    lb "${install[@]}"
    same "$whole" "$(dump lb | sort)" || { echo "install, step $step"; return 1; }
    ! killed_at $step remove || killed=1
    lb remove
    same "$before" "$(dump lb)" || { echo "remove, step $step"; return 1; }
  done
  ((step > 8))
}
