import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { messageOf, UserError } from '../errors.ts'

const run = promisify(execFile)

/** `nobody`: initdb insists on an account that the system knows, and this one is everywhere. */
const NOBODY = 65534
const NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--']
const OTHER_ACCOUNT = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']

/**
 * The command to put before Postgres, which refuses to run as root.
 *
 * In a user namespace of its own it believes to be `nobody`, while the files stay root's, so that a data folder below
 * /root works. Where namespaces are forbidden it runs as `nobody` in truth, and the folders are given to that account.
 */
export async function serverAccount(folders: readonly string[], binary: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0 && hasName()) return []
  if (await namespacesWork()) return NAMESPACE
  if (process.getuid?.() !== 0) {
    throw new UserError('This account has no name, and user namespaces are forbidden: Postgres cannot start', {
      mend: 'Add the account to /etc/passwd, or name a server in DATABASE_URL.',
    })
  }
  await giveToNobody(folders, binary)
  return OTHER_ACCOUNT
}

async function namespacesWork(): Promise<boolean> {
  return run(NAMESPACE[0] ?? '', [...NAMESPACE.slice(1), 'true'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  )
}

async function giveToNobody(folders: readonly string[], binary: string): Promise<void> {
  const asNobody = (...argv: string[]) => run('setpriv', [...OTHER_ACCOUNT.slice(1), ...argv], { timeout: 10_000 })
  try {
    await run('chown', ['-R', `${NOBODY}:${NOBODY}`, ...folders], { timeout: 60_000 })
    await asNobody(binary, '--version')
    for (const folder of folders) await asNobody('test', '-w', folder)
  } catch (error) {
    throw new UserError(
      `Postgres refuses to run as root, and as "nobody" it can't reach its files: ${messageOf(error)}`,
      {
        mend: 'Put QUARRY_HOME and this checkout where every account may look, allow user namespaces, or set DATABASE_URL.',
        cause: error,
      },
    )
  }
}

function hasName(): boolean {
  try {
    userInfo()
    return true
  } catch {
    // Node throws for an account that is not in the password file.
    return false
  }
}
