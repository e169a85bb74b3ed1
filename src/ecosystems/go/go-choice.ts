import semver from 'semver'
import type { CiJob } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
import type { ToolVersions } from '../types.ts'
import type { Module } from './modules.ts'
import { goSemver, lineOf } from './versions.ts'

export interface GoChoice {
  readonly version: string
  readonly evidence: string
}

interface Wish {
  readonly wanted: string
  readonly from: string
}

export interface ChoiceRequest {
  readonly tree: TreeReader
  readonly modules: readonly Module[]
  /** The jobs that run tests. */
  readonly jobs: readonly CiJob[]
  readonly mergedAt: Date
  readonly tools: ToolVersions
  /** The version that the owners state; null: none. */
  readonly stated: string | null
}

/** At most this many: each is an install of its own. */
const mostChoices = 3

/**
 * Which Go to try, best first: the owners' word; the `toolchain` line; the newest of the tests' matrix in CI; the newest of the day; the one of
 * the `go` line. None is older than what the modules ask for. Empty: none of them can be had; `wanted` says what was asked for.
 */
export async function chooseGo(
  request: ChoiceRequest,
): Promise<{ readonly choices: readonly GoChoice[]; readonly wanted: string }> {
  const { tools, mergedAt, stated } = request
  const wishes =
    stated === null
      ? await wishesOf(request)
      : [{ wanted: stated, from: '.github/quarry.yml environment.toolchain.go' }]
  const least = leastOf(request.modules)
  const choices: GoChoice[] = []
  for (const { wanted, from } of wishes) {
    const version = await tools.resolveVersion('go', wanted, mergedAt)
    if (version === null || choices.some((each) => lineOf(each.version) === lineOf(version))) continue
    if (stated === null && isOlder(version, least)) continue
    choices.push({ version, evidence: `go ${version} ← ${from}` })
  }
  return { choices: choices.slice(0, mostChoices), wanted: wishes.map((wish) => wish.wanted)[0] ?? least }
}

async function wishesOf({ tree, modules, jobs }: ChoiceRequest): Promise<readonly Wish[]> {
  const wishes: Wish[] = []
  for (const { directory, mod } of modules) {
    const path = directory === '.' ? 'go.mod' : `${directory}/go.mod`
    if (mod.toolchain !== null) wishes.push({ wanted: mod.toolchain, from: `${path} toolchain` })
  }
  wishes.push(...(await matrixWishes(tree, jobs)))
  const least = leastOf(modules)
  wishes.push({ wanted: least === '1.11' ? 'stable' : `>=${least}`, from: 'the newest release of the day' })
  for (const { mod } of modules.slice(0, 1)) {
    if (mod.go !== null) wishes.push({ wanted: `~${lineOf(mod.go)}`, from: 'go.mod go' })
  }
  return wishes
}

/** Versions of the test jobs, the newest first; a version file is one, too. */
async function matrixWishes(tree: TreeReader, jobs: readonly CiJob[]): Promise<readonly Wish[]> {
  const wishes: Wish[] = []
  for (const { from, setups } of jobs) {
    for (const { action, inputs } of setups) {
      if (!/(?:^|\/)setup-go$/.test(action)) continue
      const files = await Promise.all((inputs['go-version-file'] ?? []).map((file) => versionFile(tree, file)))
      for (const wanted of [...(inputs['go-version'] ?? []), ...files.flat()]) wishes.push({ wanted, from })
    }
  }
  return wishes.toSorted((a, b) => semver.rcompare(lowest(a.wanted), lowest(b.wanted)))
}

/** What setup-go reads of a file: a go.mod's own lines are looked at anyway. */
async function versionFile(tree: TreeReader, path: string): Promise<readonly string[]> {
  const text = (await tree.read(path.replace(/^\.\//, ''))) ?? ''
  if (/go\.(?:mod|work)$/.test(path)) {
    const line = /^go\s+(?<version>1\.\S+)/m.exec(text)?.groups?.version
    return line === undefined ? [] : [line]
  }
  return /(?:^|\n)\s*(?:golang\s+)?(?<version>1\.\d[\w.]*)/.exec(text)?.groups?.version?.split(' ') ?? []
}

/** `stable` and what can't be read count as the newest. */
function lowest(wanted: string): string {
  return goSemver(wanted.replace(/\.x$/, '')) ?? semver.coerce(wanted)?.version ?? '99.0.0'
}

/** The highest `go` line: from 1.21 on, an older Go refuses such a module. */
function leastOf(modules: readonly Module[]): string {
  const lines = modules.flatMap(({ mod }) => (mod.go === null ? [] : [mod.go]))
  return lines.toSorted((a, b) => semver.rcompare(goSemver(a) ?? '0.0.0', goSemver(b) ?? '0.0.0'))[0] ?? '1.11'
}

function isOlder(version: string, least: string): boolean {
  return semver.lt(goSemver(version) ?? '0.0.0', goSemver(least) ?? '0.0.0')
}
