#!/bin/sh
# The last step before bubblewrap, in a mount namespace of its own and in the run's folder: mounts what the file
# `mounts` lists (relative names, so that no path of the host has to be quoted), joins the control groups, sets the
# limits a shell can set, and becomes the command it is given.
#
#   bubblewrap-launch.sh PARENT FILE_BLOCKS OPEN_FILES [CGROUP_PROCS…] -- COMMAND…
set -eu
parent=$1 file_blocks=$2 open_files=$3
shift 3

mount --all --no-mtab --no-canonicalize --fstab mounts
while [ "$1" != -- ]; do
  echo $$ >"$1"
  shift
done
shift

# Where the whole machine runs out of memory, the kernel shall take a sandbox and not Quarry or its database.
echo 500 >/proc/self/oom_score_adj
ulimit -c 0
ulimit -f "$file_blocks"
ulimit -n "$open_files"

# Killed in the meantime, Quarry can't end this any more: the death signal is only asked for below.
read -r _ _ _ now _ </proc/$$/stat
[ "$now" = "$parent" ] || exit 1
exec "$@"
