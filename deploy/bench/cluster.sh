# Sourced by the benchmarks of whole clusters: starts a demo of three servers in $directory, and defines
#   run WHAT ARGUMENT...    runs ClusterBench on it
# Wants $root and $directory.

work=$(mktemp -d "$directory/sandrift-bench.XXXXXX")
demo_pid=''
finish() {
  [[ -z $demo_pid ]] || { kill "$demo_pid" 2>/dev/null && wait "$demo_pid" 2>/dev/null; } || true
  rm -rf "$work"
}
trap finish EXIT

# Builds it if need be, before anything is timed.
"$root/deploy/bin/sandrift" --version >/dev/null
classpath=$root/deploy/target/sandrift/lib/*
"$root/deploy/bin/sandrift" demo --servers 3 --data-dir "$work/data" --portal 127.0.0.1:0 --admin 127.0.0.1:0 \
  >"$work/demo.log" 2>&1 &
demo_pid=$!
left=900
until grep -qE 'iscsi://.*/0 *$' "$work/demo.log"; do
  ((left-- > 0)) && kill -0 "$demo_pid" 2>/dev/null || { cat "$work/demo.log" >&2; exit 1; }
  sleep 0.1
done
url=$(grep -oE 'iscsi://[^ ]*/0' "$work/demo.log" | head -1)
admin=$(grep -oE 'https?://[0-9.]+:[0-9]+' "$work/demo.log" | head -1)

run() {
  java -cp "$classpath" "$root/deploy/bench/ClusterBench.java" "$1" "${admin#*://}" "$url" "${@:2}"
}
