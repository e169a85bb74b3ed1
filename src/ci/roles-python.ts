import { namedRole, type Role, wordOf } from './roles-words.ts'

const managers = new Set([
  'uv',
  'poetry',
  'pdm',
  'pipenv',
  'hatch',
  'flit',
  'rye',
  'pip',
  'pip3',
  'pipx',
  'conda',
  'mamba',
  'micromamba',
  'pixi',
  'pyenv',
  'pip-compile',
])
const build = new Set([
  'build',
  'sdist',
  'bdist',
  'bdist_wheel',
  'bdist_egg',
  'build_ext',
  'build_py',
  'build_clib',
  'compile_catalog',
  'egg_info',
])

/** Commands of Python's world that do several things; null: none of them. */
export function pythonRole(words: readonly string[]): Role | null {
  const [program = '', ...rest] = words
  const verb = wordOf(rest, 0)
  if (program === 'python') return fileRole(rest)
  if (program === 'coverage') return verb === 'run' ? 'test' : 'measure'
  if (program === 'twine') return verb === 'check' ? 'lint' : 'publish'
  if (program === 'django-admin') return verb === 'test' ? 'test' : 'build'
  if (program === 'manage.py') return manageRole(verb)
  if (program === 'pytest' || program === 'py.test')
    return rest.some((word) => /^--(?:collect-only|co|version|fixtures)$/.test(word)) ? 'idle' : 'test'
  if (program === 'maturin' || program === 'flit')
    return verb === 'publish' || verb === 'upload' ? 'publish' : verb === 'build' ? 'build' : 'install'
  return managers.has(program) ? managerRole(rest, verb) : null
}

function managerRole(rest: readonly string[], verb: string): Role {
  if (verb === 'publish') return 'publish'
  if (verb === 'build' || verb === 'wheel') return 'build'
  if (verb === 'fmt' || verb === 'format' || (verb === 'check' && wordOf(rest, 1) !== 'test')) return 'lint'
  return ['list', 'freeze', 'show', 'info', 'version', 'config', 'cache', 'debug', 'search', 'self'].includes(verb)
    ? 'idle'
    : 'install'
}

/** `python setup.py test`, `python manage.py test`, `python tests/run.py`. */
function fileRole(words: readonly string[]): Role {
  const at = words.findIndex((word) => !word.startsWith('-'))
  if (words.some((word) => word === '-c' || word === '--version' || word === '-V')) return 'idle'
  const file = words[at]
  if (file === undefined) return 'idle'
  const verbs = words.slice(at + 1).filter((word) => !word.startsWith('-'))
  if (/(?:^|\/)manage\.py$/.test(file)) return manageRole(verbs[0] ?? '')
  if (!/(?:^|\/)setup\.py$/.test(file)) return namedRole(file.replace(/\.py$/, '')) ?? 'other'
  if (verbs.some((verb) => ['test', 'pytest', 'nosetests', 'ptr', 'trial'].includes(verb))) return 'test'
  if (verbs.some((verb) => ['upload', 'register'].includes(verb))) return 'publish'
  if (verbs.some((verb) => ['install', 'develop'].includes(verb))) return 'install'
  if (verbs.includes('build_sphinx')) return 'document'
  return verbs.some((verb) => build.has(verb)) ? 'build' : 'lint'
}

function manageRole(verb: string): Role {
  return verb === 'test' ? 'test' : verb === 'check' || verb === 'makemigrations' ? 'lint' : 'build'
}
