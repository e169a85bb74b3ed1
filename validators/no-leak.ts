import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { KindedChange } from '../src/model/index.ts'
import type { ValidationFacts, Validator } from './types.ts'

/** A line of the fix that could be found in a statement by accident says nothing. */
const significantLength = 24
const refusedShare = 0.5
const fewestLines = 3

/**
 * Nothing that the agent is given holds the fix: no file of a layer has the content of a file of the fix (a package that
 * depends on its own later release brings it so), and the statement does not spell the fix out (SWE-Bench+ found that in
 * a third of another set's instances). The snapshot itself is the base's tree: what it holds was there before the fix.
 */
export const noLeak: Validator = {
  name: 'no-leak',
  async validate(facts) {
    const files = await filesHoldingTheFix(facts)
    if (files.length > 0) return { verdict: 'refused', reason: 'leak', evidence: { files: files.slice(0, 20) } }
    const spelled = linesInStatement(facts)
    if (spelled.found >= fewestLines && spelled.found / spelled.of > refusedShare) {
      return { verdict: 'refused', reason: 'leak', evidence: { statement_lines: spelled.found, fix_lines: spelled.of } }
    }
    return { verdict: 'accepted', evidence: { statement_lines: spelled.found, fix_lines: spelled.of } }
  },
}

async function filesHoldingTheFix(facts: ValidationFacts): Promise<string[]> {
  const wanted = await fixFiles(facts)
  if (wanted.size === 0) return []
  const found: string[] = []
  for (const folder of facts.folders.layers) {
    for await (const path of filesBelow(folder)) {
      const sizes = wanted.get(basename(path))
      if (sizes === undefined) continue
      const { size } = await stat(path)
      if (sizes.some((file) => file.size === size)) {
        const digest = sha256(await readFile(path))
        if (sizes.some((file) => file.digest === digest)) found.push(path.slice(folder.length + 1))
      }
    }
  }
  return found
}

/** File name → what the fix makes of it, for source files that are long enough to tell. */
async function fixFiles(facts: ValidationFacts): Promise<Map<string, { size: number; digest: string }[]>> {
  const wanted = new Map<string, { size: number; digest: string }[]>()
  const old = new Set(facts.changes.map((change) => change.oldBlob))
  const isFix = ({ kind, newBlob }: KindedChange) =>
    (kind === 'source' || kind === 'mixed') && newBlob !== null && !old.has(newBlob)
  for (const change of facts.changes.filter(isFix)) {
    if (change.newBlob === null) continue
    const content = await facts.readBlob(change.newBlob)
    if (content.length < 64) continue
    const name = basename(change.path)
    wanted.set(name, [...(wanted.get(name) ?? []), { size: content.length, digest: sha256(content) }])
  }
  return wanted
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === '.git') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}

function linesInStatement(facts: ValidationFacts): { found: number; of: number } {
  const statement = facts.statement.issue
  const added = facts.fixPatch
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('+') && !line.startsWith('+++'))
    .map((line) => line.slice(1).trim())
    .filter((line) => line.length >= significantLength)
  return { found: added.filter((line) => statement.includes(line)).length, of: added.length }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
