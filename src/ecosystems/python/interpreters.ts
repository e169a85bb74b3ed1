import { readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { z } from 'zod'

/** A CPython of this machine. */
export interface Interpreter {
  readonly version: string
  /** Its own folder, that holds `bin`, `lib` and `include`. */
  readonly folder: string
  /** What it says of itself: version, compiler, the day of its build. */
  readonly banner: string
}

type Environment = Readonly<Record<string, string | undefined>>

const question = `
import json, os, platform, sys
try:
    from sysconfig import get_config_var
except ImportError:
    get_config_var = lambda name: None
print(json.dumps({
    'implementation': platform.python_implementation(),
    'level': sys.version_info[3],
    'version': '%d.%d.%d' % sys.version_info[:3],
    'folder': os.path.realpath(getattr(sys, 'base_prefix', sys.prefix)),
    'banner': sys.version,
    'free': bool(get_config_var('Py_GIL_DISABLED')),
}))
`
const answer = z.object({
  implementation: z.string(),
  level: z.string(),
  version: z.string(),
  folder: z.string(),
  banner: z.string(),
  free: z.boolean(),
})

/**
 * Every CPython that this machine has: pyenv's, uv's, and what the operator's PATH and Debian's `/usr/bin` lead to. Of two with the same version
 * the first found. Pre-releases, builds without the lock, and other implementations are none.
 */
export async function findInterpreters(environment: Environment): Promise<readonly Interpreter[]> {
  const found = new Map<string, Interpreter>()
  for (const program of await programs(environment)) {
    const interpreter = await ask(program, environment)
    if (interpreter !== null && !found.has(interpreter.version)) found.set(interpreter.version, interpreter)
  }
  return [...found.values()]
}

async function programs(environment: Environment): Promise<readonly string[]> {
  const home = environment.HOME ?? '/nonexistent'
  const pyenv = join(environment.PYENV_ROOT ?? join(home, '.pyenv'), 'versions')
  const uv =
    environment.UV_PYTHON_INSTALL_DIR ?? join(environment.XDG_DATA_HOME ?? join(home, '.local/share'), 'uv/python')
  const own = await Promise.all(
    [pyenv, uv].map(async (root) => (await namesIn(root)).map((name) => join(root, name, 'bin'))),
  )
  const path = (environment.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder.startsWith('/') && !folder.endsWith('/shims'))
  const folders = [...new Set([...own.flat(), ...path, '/usr/local/bin', '/usr/bin'])]
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await namesIn(folder)).filter((name) => /^python\d\.\d+$/.test(name)).map((name) => join(folder, name)),
    ),
  )
  return names.flat()
}

async function namesIn(folder: string): Promise<readonly string[]> {
  // A folder that is not there, or closed to us, has no interpreters for us.
  return (await readdir(folder).catch(() => [])).sort()
}

async function ask(program: string, environment: Environment): Promise<Interpreter | null> {
  const result = await execa(program, ['-E', '-s', '-c', question], {
    cwd: '/',
    env: { PATH: environment.PATH ?? '', HOME: '/nonexistent' },
    extendEnv: false,
    reject: false,
    timeout: 20_000,
    maxBuffer: 100_000,
  })
  if (result.failed) return null
  const told = answer.safeParse(jsonOf(result.stdout))
  if (!told.success) return null
  const { implementation, level, free, ...interpreter } = told.data
  return implementation === 'CPython' && level === 'final' && !free ? interpreter : null
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What prints something else is no Python that we could use.
    return null
  }
}
