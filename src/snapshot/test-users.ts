import { posix } from 'node:path'
import { isCode, syntaxOf } from '../languages/index.ts'
import type { TreeReader } from '../model/index.ts'
import type { TellKind } from './kinds.ts'

/** Beyond this, reading every file to learn who uses one of them costs more than it tells. */
const MOST_FILES = 4000
/** Files read at once. */
const BATCH = 64

/** A name or an import that hints at tests: without one, a module that only tests import may as well be public. */
const hintInPath = /(?:^|[/._-])(?:tests?|testing|spec|specs|mocks?|fixtures?|stubs?|fakes?|harness)(?=[/._-]|$)/i
const hintInImports =
  /^(?:vitest|@jest\/|jest|mocha|chai|sinon|ava|tape|tap|node:test|supertest|nock|@testing-library\/|expect$|playwright|@playwright\/|pytest|unittest)/
/** Data that a program of its own reads without naming it: settings of tools, and what lies among the sources. */
const unnamedData =
  /(?:^|\/)(?:\.[^/]+|[\w.-]*config[\w.-]*|tsconfig[\w.-]*\.json|[\w.-]+rc)$|(?:^|\/)(?:src|source|lib|app|bin|public|static)\//i

/**
 * Of some changed source files, those that only tests use: a module with a hint of tests that test files import and nothing
 * else does, or a data file that only tests name. In doubt a file stays source, because a wrong answer here would give
 * part of the fix away.
 */
export async function usedOnlyByTests(
  paths: readonly string[],
  base: TreeReader,
  after: TreeReader,
  tell: TellKind,
): Promise<Set<string>> {
  const targets: string[] = []
  for (const path of paths) if (await mayBeSupport(path, after.has(path) ? after : base)) targets.push(path)
  const found = new Set<string>()
  for (const tree of [after, base]) {
    const here = targets.filter((path) => (tree === after ? after.has(path) : !after.has(path)))
    for (const [path, users] of await usersOf(here, tree))
      if (users.length > 0 && (await allTests(users, tree, tell))) found.add(path)
  }
  return found
}

async function mayBeSupport(path: string, tree: TreeReader): Promise<boolean> {
  const language = syntaxOf(path)
  if (language === null) return !isCode(path) && !unnamedData.test(path) && (await tree.read(path)) !== null
  if (hintInPath.test(path)) return true
  const text = await tree.read(path)
  return text !== null && language.imports(text).some((specifier) => hintInImports.test(specifier))
}

async function allTests(users: readonly string[], tree: TreeReader, tell: TellKind): Promise<boolean> {
  for (const user of users) {
    const kind = tell(user, await tree.read(user))
    if (kind !== 'test' && kind !== 'test-support') return false
  }
  return true
}

async function usersOf(targets: readonly string[], tree: TreeReader): Promise<Map<string, string[]>> {
  const users = new Map<string, string[]>(targets.map((target) => [target, []]))
  const files = tree.paths.filter((path) => isCode(path) || /(?:^|\/)package\.json$/.test(path))
  if (targets.length === 0 || files.length > MOST_FILES) return new Map()
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH)
    const texts = await Promise.all(batch.map((path) => tree.read(path)))
    for (const [index, path] of batch.entries()) {
      const text = texts[index] ?? ''
      for (const target of targets) if (target !== path && uses(path, text, target)) users.get(target)?.push(path)
    }
  }
  return users
}

/** An import that can't be followed (an alias, a package's own name) counts as a use where its last part has the file's name. */
function uses(path: string, text: string, target: string): boolean {
  const language = syntaxOf(path)
  const name = posix.basename(target)
  if (syntaxOf(target) === null || language === null) return text.includes(name)
  if (language.name === 'python') return usesPython(path, language.imports(text), text, target)
  const wanted = withoutExtension(target)
  if (!text.includes(posix.basename(wanted)) && !wanted.endsWith('/index')) return false
  return language.imports(text).some((specifier) => {
    if (!specifier.startsWith('.')) return withoutExtension(specifier).endsWith(`/${posix.basename(wanted)}`)
    const resolved = withoutExtension(posix.join(posix.dirname(path), specifier))
    return resolved === wanted || `${resolved}/index` === wanted
  })
}

/** `from ..a import b` may name the module `a/b.py` or something in `a.py`: where the file's own name stands in the text, both count. */
function usesPython(path: string, specifiers: readonly string[], text: string, target: string): boolean {
  const wanted = target.replace(/(?:\/__init__)?\.pyi?$/, '')
  const name = posix.basename(wanted)
  if (!text.includes(name)) return false
  return specifiers.some((specifier) => {
    const [, dots = '', dotted = ''] = /^(\.*)(.*)$/.exec(specifier) ?? []
    const named = dotted.replaceAll('.', '/')
    if (dots === '') return `/${wanted}`.endsWith(`/${named}`) || `/${wanted}`.endsWith(`/${named}/${name}`)
    const module = posix.join(posix.dirname(path), '../'.repeat(dots.length - 1), named)
    return module === wanted || posix.join(module, name) === wanted
  })
}

function withoutExtension(path: string): string {
  return path.replace(/\.(?:d\.)?[cm]?[jt]sx?$/, '')
}
