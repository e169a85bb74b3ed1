import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import { requirementFiles } from './test-requirements.ts'

const names = new Set([
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'Pipfile',
  'Pipfile.lock',
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'pylock.toml',
  'MANIFEST.in',
])
/** Whatever its name, a list in such a folder may be one that a command installs from. */
const listed = /(?:^|\/)(?:requirements?|reqs?|deps|dependencies|\.?ci|tools|etc)\/[^/]+\.(?:txt|in|pip)$/i
/** Files that builds take a version out of. */
const versions = /^(?:_?_?(?:version|about|pkginfo|meta)_?_?\.py|VERSION(?:\.txt)?|version\.txt)$/i

/** Whatever an install reads: manifests and lockfiles, also of projects below that it may take in, requirements, and where versions stand. */
export async function keyPaths(tree: TreeReader): Promise<readonly string[]> {
  const requirements = new Set(requirementFiles(tree))
  return tree.paths.filter((path) => {
    if (requirements.has(path) || listed.test(path)) return true
    const name = posix.basename(path)
    const depth = path.split('/').length
    if (names.has(name)) return depth <= 3 && !/(?:^|\/)(?:tests?|testing|docs?|examples?)\//.test(path)
    return versions.test(name) && depth <= 3
  })
}

/** Sections of tools that no install looks at. */
const idleTools =
  /^\[+\s*tool\.(?:pytest|black|ruff|isort|mypy|pyright|basedpyright|pylint|coverage|flake8|bandit|codespell|towncrier|tox|cibuildwheel|commitizen|bumpversion|bump-my-version|tbump|typos|djlint|interrogate|pydocstyle|autopep8|semantic_release|nbqa|vulture|check-manifest|pyupgrade|unasync|refurb|doc8|ty|djangofmt|rstcheck|zest-releaser|repo-review|docformatter|yapf|numpydoc_validation|jupytext|datamodel-codegen|cruft|deptry|creosote|slipcover|taskipy|poe|importlinter|ssort)\b/
const idleIni =
  /^\[(?:tool:pytest|flake8|isort|mypy(?:-.*)?|coverage:.*|pycodestyle|pep8|pylint.*|bumpversion.*|bdist_wheel|aliases|check-manifest|zest\.releaser|tox.*|pydocstyle|doc8|codespell)\]/

/** What a key file says to an install: without the sections of tools that check and format, and without comments between lines. */
export function keyContent(path: string, text: string): string {
  const idle =
    path.endsWith('.toml') && !path.endsWith('pylock.toml') ? idleTools : path.endsWith('setup.cfg') ? idleIni : null
  if (idle === null) return text
  let isIdle = false
  const kept = text.split('\n').filter((line) => {
    if (line.startsWith('[')) isIdle = idle.test(line)
    return !isIdle && !/^\s*#/.test(line)
  })
  return kept.join('\n')
}
