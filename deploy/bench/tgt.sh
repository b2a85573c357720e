# Sourced behind servers.sh by the benchmarks that measure a peer beside Sandrift; needs the Debian package tgt. Defines
#   start_tgt MIB   starts tgt on loopback with a target whose data are in a file of that size, and sets tgt_url
# and has it ended with the rest. tgt is told to take large write PDUs; its default of 8 KiB halves its large writes.

for tool in tgtd tgtadm; do
  command -v $tool >/dev/null || { echo "${0##*/}: $tool is missing; apt-get install tgt" >&2; exit 1; }
done

tgt_control=$((RANDOM % 20000 + 1000)) # by which tgtadm finds this one among others

start_tgt() {
  local name=iqn.2026-11.io.sandrift.bench:tgt port=$((20000 + RANDOM % 20000)) setting
  mkdir -p /var/run/tgtd
  truncate -s "${1}M" "$work/tgt.img"
  tgtd -f -C $tgt_control --iscsi portal=127.0.0.1:$port >"$work/tgt.log" 2>&1 &
  pids+=($!)
  endings+=(end_tgt)
  await 10 tgt --op show --mode system
  tgt --lld iscsi --op new --mode target --tid 1 -T $name
  tgt --lld iscsi --op new --mode logicalunit --tid 1 --lun 1 -b "$work/tgt.img"
  tgt --lld iscsi --op bind --mode target --tid 1 -I ALL
  for setting in MaxRecvDataSegmentLength=262144 MaxXmitDataSegmentLength=262144 MaxBurstLength=1048576 \
    FirstBurstLength=262144 MaxOutstandingR2T=8; do
    tgt --lld iscsi --op update --mode target --tid 1 -n "${setting%=*}" -v "${setting#*=}"
  done
  tgt_url=iscsi://127.0.0.1:$port/$name/1
}

tgt() { tgtadm -C $tgt_control "$@"; }

end_tgt() { # it ends by a signal only when it has no target any more, and that can't go while a command is under way
  local left=50
  until tgt --lld iscsi --op delete --force --mode target --tid 1 || ((left-- <= 0)); do
    sleep 0.1
  done
  tgt --op delete --mode system
}
