import { satisfies, validRange } from '@renovatebot/pep440'
import type { CiJob } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
import type { ToolVersions } from '../types.ts'
import type { PythonProject } from './project.ts'
import { lineNumber, lineOf, pythonLines, wasOut } from './release-dates.ts'

export interface PythonChoice {
  readonly version: string
  readonly evidence: string
}

interface Wish {
  /** `3.9`, or a whole version. */
  readonly version: string
  readonly from: string
}

export interface PythonChoices {
  /** The likeliest first, each of another line. */
  readonly choices: readonly PythonChoice[]
  /** What is asked for where the machine has nothing that fits: `3.7`, `>=3.14`. */
  readonly needed: string
}

const mostChoices = 3

/**
 * Which Pythons to try: what the owners state; what files pin; the newest line of those that the CI tests; the newest that the classifiers name;
 * the newest that was out at the merge. Only such as `requires-python` allows, were out by then, and this machine has.
 */
export async function choosePythons(
  tree: TreeReader,
  project: PythonProject,
  jobs: readonly CiJob[],
  mergedAt: Date,
  tools: ToolVersions,
  stated: string | null,
): Promise<PythonChoices> {
  const range = rangeOf(project)
  const named = [
    ...(stated === null ? [] : [{ version: stated, from: '.github/quarry.yml' }]),
    ...(await pinned(tree)),
    ...newestFirst(testedInCi(jobs)),
    ...newestFirst(project.classified.map((version) => ({ version, from: 'classifiers' }))),
  ]
  const wishes = [
    ...named,
    ...linesWithin(range, mergedAt).map((version) => ({
      version,
      from: range === '' ? `out by ${day(mergedAt)}` : `requires-python ${range}, out by ${day(mergedAt)}`,
    })),
  ]
  const choices: PythonChoice[] = []
  const choose = async (version: string, from: string, by = mergedAt) => {
    const found = await tools.resolveVersion('python', rangeOfWish(version), by)
    const isStated = from === '.github/quarry.yml'
    if (found === null || (range !== '' && !isStated && !satisfies(found, range))) return
    if (choices.some((choice) => lineOf(choice.version) === lineOf(found))) return
    choices.push({ version: found, evidence: `python ${found} ← ${from}` })
  }
  const newest = named.find(({ version }) => /^3\.\d+/.test(version))
  for (const { version, from } of wishes) {
    // What runs on 3.5 more often than not runs on 3.6; what stands in for it on Python 2 is other code.
    if (version.startsWith('2.') && newest !== undefined && choices.length === 0) {
      for (const line of linesAbove(newest.version))
        await choose(line, `the next here above ${newest.version}, ${newest.from}`, new Date())
    }
    await choose(version, from)
  }
  const [first] = wishes
  return {
    choices: choices.slice(0, mostChoices),
    needed:
      range === ''
        ? (first?.version ?? '3')
        : first === undefined || first.from === 'classifiers'
          ? range
          : first.version,
  }
}

/** What a manifest says, where it can be read; '' else. */
function rangeOf({ requiresPython }: PythonProject): string {
  const range = (requiresPython ?? '').trim()
  return range !== '' && validRange(range) ? range : ''
}

/** `3.9` → any of that line; a whole version → its line, since a machine seldom has the very patch. */
function rangeOfWish(version: string): string {
  if (/^\d+(?:\.\d+)*$/.test(version)) return version.includes('.') ? `==${lineOf(version)}.*` : `==${version}.*`
  return validRange(version) ? version : '>=99'
}

async function pinned(tree: TreeReader): Promise<readonly Wish[]> {
  const wishes: Wish[] = []
  for (const [path, pattern] of [
    ['.python-version', /^\s*(?:cpython[-@])?(?<version>\d+\.\d+(?:\.\d+)?)\s*$/m],
    ['.tool-versions', /^python\s+(?<version>\d+\.\d+(?:\.\d+)?)/m],
    ['runtime.txt', /^python-(?<version>\d+\.\d+(?:\.\d+)?)/m],
    ['mise.toml', /^\s*python\s*=\s*["'](?<version>\d+\.\d+(?:\.\d+)?)["']/m],
  ] as const) {
    const version = tree.has(path) ? pattern.exec((await tree.read(path)) ?? '')?.groups?.version : undefined
    if (version !== undefined) wishes.push({ version, from: path })
  }
  return wishes
}

/** Versions that jobs which test set up; pre-releases and other implementations are none. */
function testedInCi(jobs: readonly CiJob[]): readonly Wish[] {
  return jobs.flatMap(({ from, setups }) =>
    setups
      .filter(
        ({ action }) =>
          /(?:^|\/)(?:setup-python|setup-uv|setup-pdm|setup-miniconda)$/.test(action) || action === 'travis',
      )
      .flatMap(({ inputs }) => inputs['python-version'] ?? inputs.python ?? [])
      .flatMap((value) => value.split(/\s+/))
      .filter((value) => /^\d+\.\d+(?:\.\d+)?$/.test(value))
      .map((version) => ({ version, from })),
  )
}

function newestFirst(wishes: readonly Wish[]): readonly Wish[] {
  return wishes.toSorted((a, b) => lineNumber(b.version) - lineNumber(a.version))
}

function linesWithin(range: string, mergedAt: Date): readonly string[] {
  return pythonLines.filter(
    (line) => wasOut(line, mergedAt) && (range === '' ? line !== '2.7' : satisfies(`${line}.99`, range)),
  )
}

/** The two lines that followed. */
function linesAbove(version: string): readonly string[] {
  return pythonLines
    .filter((line) => lineNumber(line) > lineNumber(version))
    .toSorted((a, b) => lineNumber(a) - lineNumber(b))
    .slice(0, 2)
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
