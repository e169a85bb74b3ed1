# The last step before bubblewrap, in a mount namespace of its own and in the run's folder. Waits for Quarry to put this
# process into its control groups, to fill the folder and to say so on standard input; then mounts what the file `mounts`
# lists, sets the limits a shell can set, and becomes the command that the file `command` holds.
#
# `command`: FILE_KIB, OPEN_FILES, COMMAND…, each ended by a NUL.
set -eu

# What Quarry's own parent left open may be anything: only the three usual descriptors and the status go on.
for fd in /proc/$$/fd/*; do
  fd=${fd##*/}
  if ((fd > 3)); then eval "exec $fd>&-"; fi
done

# Where the whole machine runs out of memory, the kernel shall take a sandbox and not Quarry or its database.
echo 500 >/proc/$$/oom_score_adj

# The end of input, where Quarry was killed in the meantime, ends this too.
read -r _

mapfile -d '' -t run <command
mount --all --no-mtab --no-canonicalize --fstab mounts
ulimit -c 0 -f "${run[0]}" -n "${run[1]}"
exec "${run[@]:2}" </dev/null
