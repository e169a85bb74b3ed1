# The last step before bubblewrap, in a mount namespace of its own and in the run's folder: mounts what the file
# `mounts` lists, sets the limits a shell can set, and, once Quarry has put this process into its control groups and
# says so on standard input, becomes the command it is given.
#
#   bash -c SCRIPT bubblewrap-launch FILE_KIB OPEN_FILES COMMAND…
set -eu
file_kib=$1 open_files=$2
shift 2

# What Quarry's own parent left open may be anything: only the three usual descriptors and the status go on.
for fd in /proc/$$/fd/*; do
  fd=${fd##*/}
  if ((fd > 3)); then eval "exec $fd>&-"; fi
done

mount --all --no-mtab --no-canonicalize --fstab mounts

# Where the whole machine runs out of memory, the kernel shall take a sandbox and not Quarry or its database.
echo 500 >/proc/$$/oom_score_adj
ulimit -c 0 -f "$file_kib" -n "$open_files"

# The end of input, where Quarry was killed in the meantime, ends this too.
read -r _
exec "$@" </dev/null
