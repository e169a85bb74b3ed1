import { containerPaths, containerUser } from './settings.ts'

/** Puts the fix on the work tree, as the user that owns it. */
export function solveScript(): string {
  return `#!/bin/bash
# Applies the fix of the merged pull.
set -euo pipefail
cd /testbed
patch="$(dirname "$(realpath "$0")")/fix.patch"
apply=(git -c safe.directory=/testbed apply --whitespace=nowarn -)
if [ "$(id -u)" = 0 ]; then
  apply=(setpriv --reuid=${containerUser.id} --regid=${containerUser.id} --clear-groups env HOME=${containerUser.home} "\${apply[@]}")
fi
"\${apply[@]}" < "$patch"
`
}

/** Hands over to the verifier, out of reach of what the agent left. */
export function testScript(): string {
  const { quarry, node, tests, rewards } = containerPaths
  return `#!/bin/bash
# Grades what is in /testbed: puts the tests back, builds, runs them, and compares with the task's lists.
# Writes ${rewards}/reward.txt and reward.json (1 or 0) and report.json; no reward where the machine is to blame.
set -u
export PATH=${quarry}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset NODE_OPTIONS NODE_PATH LD_PRELOAD LD_LIBRARY_PATH GIT_DIR GIT_WORK_TREE
if [ "$(id -u)" != 0 ]; then
  echo 'test.sh has to be run as root: it runs the tests as an unprivileged user itself' >&2
  exit 1
fi
mkdir -p ${rewards}
rm -rf ${rewards}/reward.txt ${rewards}/reward.json ${rewards}/report.json
# What the tests are compared with is not for the code under test to read.
chmod 700 /tests
[ ! -d /solution ] || chmod 700 /solution
rm -rf ${quarry}/run ${quarry}/work ${quarry}/reporters ${quarry}/report
install -d -m 700 ${quarry}/run
install -d -m 711 ${quarry}/work
cp -r ${tests}/. ${quarry}/run/
mv ${quarry}/run/reporters ${quarry}/reporters
chmod -R u=rwX,go=rX ${quarry}/reporters
exec ${node} ${quarry}/run/verifier.mjs
`
}
