import { joined } from '../../ci/paths.ts'
import type { SeenCommand, TaskEnvironment } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
import { readRequirement } from './requirement-texts.ts'

/** What installing commands and environments of task runners ask for. */
export interface Asked {
  readonly extras: readonly string[]
  readonly groups: readonly string[]
  readonly files: readonly string[]
  readonly constraints: readonly string[]
  readonly requirements: readonly string[]
}

interface Found {
  readonly extras: Set<string>
  readonly groups: Set<string>
  readonly files: Set<string>
  readonly constraints: Set<string>
  readonly requirements: Set<string>
}

/** Tools that a job uses around its tests. */
const around =
  /^(?:pip|setuptools|wheel|tox(?:-.*)?|nox|virtualenv|coveralls|codecov|build|twine|uv|poetry(?:-core)?|hatch|pdm|pipenv|pre-commit|flit|check-manifest|readme-renderer|black|flake8.*|mypy|pylint|ruff|isort|coverage-badge|cibuildwheel|pyright|bandit|safety|twine)$/

/** What a job's commands install, in the words of pip, uv, Poetry, PDM and Pipenv, and what its test's environments of tox, nox or hatch hold. */
export function askedBy(tree: TreeReader, seen: readonly SeenCommand[], tests: readonly SeenCommand[]): Asked {
  const found: Found = {
    extras: new Set(),
    groups: new Set(),
    files: new Set(),
    constraints: new Set(),
    requirements: new Set(),
  }
  for (const { environment } of tests) if (environment !== null) ofEnvironment(tree, environment, found)
  // What stands around a task runner installs the runner.
  const plain = tests.every(({ environment }) => environment !== null)
    ? []
    : seen.filter(({ environment }) => environment === null)
  for (const command of plain) ofCommand(tree, command.words, command.directory, found)
  for (const test of tests) for (const wrapper of test.wrappers) ofWrapper(wrapper, found)
  const lists = Object.entries(found).map(([name, values]: [string, Set<string>]) => [name, [...values]] as const)
  return { extras: [], groups: [], files: [], constraints: [], requirements: [], ...Object.fromEntries(lists) }
}

function ofEnvironment(tree: TreeReader, environment: TaskEnvironment, found: Found): void {
  for (const extra of environment.extras) found.extras.add(extra)
  for (const group of environment.groups) found.groups.add(group)
  for (const each of environment.dependencies) ofPip(tree, wordsOf(each), '.', found)
}

/** `-r file`, `-rfile` and `--requirement=file` as words; a requirement with a marker is one. */
function wordsOf(dependency: string): readonly string[] {
  const { option, value } =
    /^(?<option>-r|-c|-e|--requirement|--constraint|--editable)[\s=]*(?<value>.+)$/.exec(dependency.trim())?.groups ??
    {}
  return option === undefined || value === undefined ? [dependency.trim()] : [option, value.trim()]
}

function ofCommand(tree: TreeReader, words: readonly string[], directory: string, found: Found): void {
  const [program = '', first = '', ...rest] = words
  if (/^pip[\d.]*$/.test(program) && first === 'install') ofPip(tree, rest, directory, found)
  else if (program === 'uv' && first === 'pip' && rest[0] === 'install') ofPip(tree, rest.slice(1), directory, found)
  else if (/^(?:uv|poetry|pdm|pipenv|hatch)$/.test(program)) ofWrapper(words, found)
}

/** `uv sync --group x`, `poetry install --with x -E y`, `pdm install -G x`, `uv run --extra x --with y`. */
function ofWrapper(words: readonly string[], found: Found): void {
  const [program = ''] = words
  for (const [index, word] of words.entries()) {
    const { name, inline } = /^(?<name>--?[A-Za-z-]+)(?:=(?<inline>.*))?$/.exec(word)?.groups ?? {}
    if (name === undefined) continue
    const values = (inline ?? words[index + 1] ?? '').split(/[,\s]+/).filter((value) => /^[\w.-]+$/.test(value))
    if (/^(?:--extra|--extras|-E)$/.test(name)) for (const value of values) found.extras.add(value)
    if (/^(?:--group|--only-group|-G|--only)$/.test(name) || (name === '--with' && program === 'poetry'))
      for (const value of values) found.groups.add(value)
    if (name === '--with' && program === 'uv')
      for (const value of (inline ?? words[index + 1] ?? '').split(',')) found.requirements.add(value)
    if (/^(?:--dev|-d|--all-groups)$/.test(name)) found.groups.add('dev')
    if (name === '--all-extras') found.extras.add('*')
  }
}

function ofPip(tree: TreeReader, words: readonly string[], directory: string, found: Found): void {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const { option, inline } =
      /^(?<option>-r|-c|-e|--requirement|--constraint|--editable|--group)(?:=?(?<inline>.+))?$/.exec(word)?.groups ?? {}
    if (option === undefined) {
      if (!word.startsWith('-')) ofTarget(word, found)
      continue
    }
    if (inline === undefined) at += 1
    const value = inline ?? words[at] ?? ''
    const path = joined(directory, value)
    if (/^-(?:r|-requirement)$/.test(option) && tree.has(path)) found.files.add(path)
    else if (/^-(?:c|-constraint)$/.test(option) && tree.has(path)) found.constraints.add(path)
    else if (option === '--group') found.groups.add(value)
    else if (/^-(?:e|-editable)$/.test(option)) ofTarget(value, found)
  }
}

/** `.[test]`, `pytest>=7`: the project itself with extras, or a package. */
function ofTarget(word: string, found: Found): void {
  const own = /^(?:\.|\.\/|file:\.|\$\{?\w+\}?|[\w./*-]*\.whl)(?:\[(?<extras>[^\]]*)\])?$/.exec(word)
  if (own !== null) {
    for (const extra of (own.groups?.extras ?? '').split(',')) if (extra.trim() !== '') found.extras.add(extra.trim())
    return
  }
  const requirement = /[$*{]/.test(word) ? null : readRequirement(word)
  if (requirement !== null && !requirement.elsewhere && !around.test(requirement.name))
    found.requirements.add(requirement.text)
}
