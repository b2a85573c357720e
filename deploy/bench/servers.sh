# Sourced by the benchmarks that start servers of their own, each a process, on loopback, and need jq. Defines
#   start ID MORE...        starts a server and waits until it serves; the first one, which must be "one", has ZooKeeper inside
#   await SECONDS COMMAND   waits until the command succeeds
#   admin, api, url SERVER VOLUME        where the first server's admin API is, and a volume through a server's portal
#   median, column FILE N   of the numbers on standard input; of a file's column
# and ends all servers, and leaves nothing behind, when the script ends. Wants $sandrift and $directory.

command -v jq >/dev/null || { echo "${0##*/}: jq is missing; apt-get install jq" >&2; exit 1; }
"$sandrift" --version >/dev/null # builds it if need be, before anything is timed

ended() { # whether the process ends within 20 s
  local left=200
  while kill -0 "$1" 2>/dev/null; do
    ((left-- > 0)) || return 1
    sleep 0.1
  done
}

work=$(mktemp -d "$directory/sandrift-bench.XXXXXX")
pids=() endings=() # processes to end, and functions to call before
finish() {
  local ending pid
  for ending in "${endings[@]}"; do
    $ending >/dev/null 2>&1 || true
  done
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null && ended "$pid" || kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT

await() {
  local left=$(($1 * 10)); shift
  until "$@" >/dev/null 2>&1; do
    ((left-- > 0)) || { echo "${0##*/}: no success within the time: $*" >&2; cat "$work"/*.log >&2; exit 1; }
    sleep 0.1
  done
}

zookeeper=127.0.0.1:$((20000 + RANDOM % 20000))
start() {
  local ensemble=(--zookeeper-embedded-port "${zookeeper#*:}")
  [[ $1 == one ]] || ensemble=(--zookeeper-connect "$zookeeper" --zookeeper-scheme digest --zookeeper-user sandrift
    --zookeeper-password-file "$work/one/zookeeper-password")
  "$sandrift" server --server-id "$1" --data-dir "$work/$1" --portals 127.0.0.1:0 --admin-address 127.0.0.1:0 \
    --access-open true "${ensemble[@]}" "${@:2}" >"$work/$1.log" 2>&1 &
  pids+=($!)
  await 90 grep -q '^  data ' "$work/$1.log"
}
told() { sed -n "s#^  $2 *\(http://\)\{0,1\}\([0-9.:]*\).*#\2#p" "$work/$1.log" | head -1; }
admin() { told one 'admin API'; }
api() { echo "http://$(admin)"; }
url() { echo "iscsi://$(told "$1" portals)/iqn.2026-11.io.sandrift:$2/0"; }

median() { sort -n | awk '{v[NR]=$1} END {print NR % 2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }
column() { cut -d' ' -f"$2" "$1" | median; }
