# The rounds of vs-peer (slurped) as a table; $a is the contender that ratios put on top.
def median: sort | if length == 0 then null elif length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def digits: if . == null then "-" elif . >= 1000 then round elif . >= 10 then (. * 10 | round / 10) else (. * 1000 | round / 1000) end | tostring;
def pad($n): . + " " * ([$n - length, 0] | max);
def spread: if length == 0 then "-" else "\(median | digits)  (\(min | digits) - \(max | digits))" end;

. as $all
| def of($who; $measure; f): [$all[] | select(.contender == $who and .measure == $measure) | f];
  def row($title; $measure; f):
    of($a; $measure; f) as $first | of("nfqlb"; $measure; f) as $second
    | select(($first | length) > 0)
    | ([range([$first, $second] | map(length) | min) | select($second[.] != 0) | $first[.] / $second[.]]) as $ratios
    | "\($title | pad(32))\($first | spread | pad(32))\($second | spread | pad(32))\($ratios | spread)";
  "",
  "\($a): \([$all[] | select(.contender == $a) | .runtime] | unique | join(", "))",
  "\("median (least - most)" | pad(32))\($a | pad(32))\("nfqlb" | pad(32))ratio of the pairs",
  row("daemon CPU ns per UDP packet"; "udp"; .cpu_ns_per_packet),
  row("UDP packets lost"; "udp"; .lost),
  row("TCP connections per second"; "tcp"; .connections_per_second),
  row("daemon CPU us per connection"; "tcp"; .cpu_us_per_connection),
  row("packets queued per connection"; "tcp"; .packets_per_connection),
  row("connections failed"; "tcp"; .failed),
  row("resident memory, kB"; "udp"; .resident_kb),
  row("start to bound queue, ms"; "udp"; .start_ms),
  row("feeder: datagrams per second"; "udp"; .feeder.per_second),
  row("feeder: own CPU, cores (udp)"; "udp"; .feeder.cpu_share),
  row("feeder: own CPU, cores (tcp)"; "tcp"; .feeder.cpu_share),
  row("machine: user time, cores (udp)"; "udp"; .machine.user),
  row("machine: user time, cores (tcp)"; "tcp"; .machine.user),
  (if ($all | map(.round) | max) < 5 then "", "Fewer than 5 rounds: not a figure to quote." else empty end)
