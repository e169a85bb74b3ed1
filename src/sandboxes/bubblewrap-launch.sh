# The last step before bubblewrap, in a mount namespace of its own and in the run's folder: mounts what the file
# `mounts` lists, joins the control groups, sets the limits a shell can set, and becomes the command it is given.
#
#   bash -c SCRIPT bubblewrap-launch PARENT FILE_KIB OPEN_FILES [CGROUP_PROCS…] -- COMMAND…
set -eu
parent=$1 file_kib=$2 open_files=$3
shift 3

# What Quarry's own parent left open may be anything: only the three usual descriptors and the status go on.
for fd in /proc/$$/fd/*; do
  fd=${fd##*/}
  if ((fd > 3)); then eval "exec $fd>&-"; fi
done

mount --all --no-mtab --no-canonicalize --fstab mounts
while [[ $1 != -- ]]; do
  echo $$ >"$1"
  shift
done
shift

# Where the whole machine runs out of memory, the kernel shall take a sandbox and not Quarry or its database.
echo 500 >/proc/$$/oom_score_adj
ulimit -c 0 -f "$file_kib" -n "$open_files"

# Killed in the meantime, Quarry can't end this any more: the death signal is only asked for below.
read -r _ _ _ now _ </proc/$$/stat
[[ $now == "$parent" ]] || exit 1
exec "$@"
