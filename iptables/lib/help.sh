# shellcheck shell=bash disable=SC2015,SC2034,SC2154 # variables shared with lbrules; fail never returns
# Help texts; usage COMMAND prints one.

usage_common() {
  cat <<'END'
      --instance NAME      the balancer (env SYNLEV_INSTANCE; default: default)
      --iptables FLAVOR    legacy or nft (default: what `iptables` is, or what is installed)
      --dry-run            print what would be run, as a shell script, and change nothing
      --help               this text
END
}

usage_source() {
  cat <<'END'
Where VIPs and backends come from (default: magctl show --plain; env SYNLEV_MAGCTL names the command):
      --vip PREFIX         a VIP, IPv4 or IPv6; several are possible
      --backend M=IP4[,IP6]  a backend: its fwmark and addresses; several are possible
      --from FILE          a file in the format of `magctl show --plain`
      --mark-mask MASK     the bits of the mark that are ours (default 0xffff; magctl knows it too)
END
}

usage() {
  case ${1-} in
    install) cat <<'END'
Usage: lbrules install [options]
Sends packets for the VIPs to user space and the marked ones to their backends. Twice is the same as once.

      --offload HOW        who carries established flows past lbd: none, conntrack (needs replies that pass this host),
                           or tc (lbd --offload tc; not with --return dnat); default none
      --mode all|syn|tc    the same in other words: all packets to lbd, or only those of flows that conntrack or tc
                           does not know (all = none, syn = conntrack)
      --return MODE        direct: servers answer clients; routed: no NAT, replies pass this host; dnat (default direct)
      --queue N|N:M        the queue or balanced range of queues that lbd reads (default 2)
      --queue-bypass       while nobody reads the queue let packets pass unmarked, instead of dropping them
      --fragment-queue N|N:M  fragments go there, ahead of conntrack (default: they are treated as other packets);
                           lbd needs the same option. Not with --return dnat
      --tun IF             where lbd's held fragments come in again (default synlev0)
      --tier-interface IF  fragments from other balancers come in there (docs/fragments.md); several are possible
      --interface IF       only packets that come in there; several are possible (default: any)
      --table-offset N     a backend's routing table is N + its fwmark (default 10000)
      --rule-priority N    priority of our policy rules; N to N + 2 are used (default 10000)
      --reject-mark N      answer packets that lbd marks N with a TCP reset or "port unreachable"
END
      usage_common; usage_source; cat <<'END'

  lbrules install --offload conntrack --return routed
  lbrules install --offload tc
  lbrules install --vip 10.0.0.0/32 --vip 1000::/128 --backend 1=192.168.2.1,fd00:2::1 --dry-run
END
      ;;
    sync) cat <<'END'
Usage: lbrules sync [options]
Brings rules and routes in line with the backends and VIPs of now. Everything else stays as installed.

END
      usage_common; usage_source; cat <<'END'

  magctl backend add … && lbrules sync
  lbrules sync --dry-run
END
      ;;
    show) cat <<'END'
Usage: lbrules show [--json] [options]
Prints what is installed, with packet counters and the way of each backend.

END
      usage_common; printf '\n  lbrules show --json\n' ;;
    check) cat <<'END'
Usage: lbrules check [--json] [options]
Looks for what keeps packets from their backends and says why and what to do. Exit code 1 when something is wrong.

      --only AREA[,AREA]   look at these only: records, rules, queue, fragments, tc, host, backends, marks
      --from FILE          compare with these records (format of 'magctl show --plain'; - for stdin) instead of asking magctl

END
      usage_common; printf '\n  lbrules check --instance web\n' ;;
    remove) cat <<'END'
Usage: lbrules remove [options]
Takes away all that install and sync added, and nothing else. Also mends an install that was killed, and takes away
what a killed lbd left of --offload tc: filters, maps and their bpffs (env SYNLEV_RUN_DIR; default /run/synlev).

      --rule-priority N    where to look for our policy rules if somebody flushed the records (default 10000)
      --table-offset N     likewise for our routing tables (default 10000)
      --mark-mask MASK     likewise (default 0xffff)
END
      usage_common; printf '\n  lbrules remove --dry-run\n' ;;
    *) cat <<'END'
Usage: lbrules install|sync|show|check|remove [options]
Netfilter rules, policy rules and routes that bring packets to lbd and from there to the backends.

  lbrules install --mode syn --return routed    once
  lbrules sync                                  after each change of backends or VIPs
  lbrules check                                 when something does not work
  lbrules remove                                leaves the host as it was
`lbrules COMMAND --help` tells the options. Exit codes: 0 done, 1 failed, 2 wrong usage.
END
      ;;
  esac
}
