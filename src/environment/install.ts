import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Fault } from '../errors.ts'
import { buildTree, layOut, type Mirror, type TreeEdit, writeBlob } from '../git/index.ts'
import type { Evidence, Flag, Reason, Strategy, TreeReader } from '../model/index.ts'
import type { Gateway } from '../package-gateway/index.ts'
import { upperOf } from '../sandboxes/index.ts'
import type { Sandbox, SandboxMount, SandboxResult } from '../sandboxes/types.ts'
import { settleAll } from '../settle-all.ts'
import { RunLog } from '../test-runs/run-log.ts'

export interface InstallRequest {
  readonly strategy: Omit<Strategy, 'tests'>
  readonly mirror: Mirror
  readonly tree: TreeReader
  readonly mounts: readonly SandboxMount[]
  readonly gateway: Gateway
  readonly sandbox: Sandbox
  readonly work: string
  readonly cores: readonly number[]
  readonly seconds: number
  readonly explain: (log: string) => { readonly reason: Reason; readonly detail: string }
  readonly signal?: AbortSignal
}

export type Installed =
  | {
      readonly installed: true
      readonly scratch: string
      readonly upper: string
      readonly log: Buffer
      readonly flags: readonly Flag[]
      /** On another day, or where the registry answered all, it may have installed something else. */
      readonly isDated: boolean
    }
  | { readonly installed: false; readonly reason: Reason; readonly evidence: Evidence; readonly log: Buffer }

/**
 * Runs a strategy's install commands on the after-state's tree, with the gateway as the only way out. On success the
 * scratch holds what was added (the caller discards it). An install that fails is a failed strategy; one that failed because
 * the registry did not answer is a Fault.
 */
export async function install(request: InstallRequest): Promise<Installed> {
  const folder = await mkdtemp(join(request.work, 'install-'))
  const making = request.sandbox.scratch()
  let kept = false
  try {
    const [scratch] = await settleAll([making, layOutIn(folder, request)])
    const outcome = await runCommands(request, folder, scratch)
    kept = outcome.installed
    return outcome
  } finally {
    await rm(folder, { recursive: true, force: true })
    if (!kept) await request.sandbox.discard(await making)
  }
}

async function layOutIn(folder: string, request: InstallRequest): Promise<void> {
  await layOut(request.mirror, await treeToInstall(request), folder)
  await request.sandbox.adopt(folder)
}

/** The after-state's tree with the strategy's files (a trimmed manifest, a rewritten lockfile) in place of its own. */
async function treeToInstall({ mirror, tree, strategy }: InstallRequest): Promise<string> {
  const edits: TreeEdit[] = []
  for (const { path, content } of strategy.overrides) {
    const blob = content === null ? null : await writeBlob(mirror, content)
    if (blob !== null || tree.has(path)) edits.push({ path, mode: '100644', blob })
  }
  return edits.length === 0 ? tree.tree : buildTree(mirror, tree.tree, edits)
}

async function runCommands(request: InstallRequest, folder: string, scratch: string): Promise<Installed> {
  const log = new RunLog()
  const deadline = Date.now() + request.seconds * 1000
  for (const command of request.strategy.install) {
    const { connections } = request.gateway.log
    const result = await request.sandbox.run({
      layers: [folder],
      scratch,
      mounts: request.mounts,
      argv: command.argv,
      directory: command.directory,
      variables: { ...request.strategy.variables, ...command.variables },
      limits: {
        seconds: Math.max(1, (deadline - Date.now()) / 1000),
        memoryMiB: 4096,
        processes: 1024,
        fileMiB: 1024,
        diskMiB: 8192,
        outputMiB: 4,
        cores: request.cores,
      },
      gateway: request.gateway.socket,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
    request.signal?.throwIfAborted()
    log.add(command, result)
    if (await neverBegan(result, () => request.gateway.log.connections > connections))
      throw new Fault('sandbox', `an install could not begin: ${result.stderr.toString().trim().slice(0, 500)}`)
    if (result.ended === 'exited' && result.exitCode === 0) continue
    return failed(request, result.ended, log.tail(), wordsOf(command.argv))
  }
  const { flags, dated, faults } = request.gateway.log
  return {
    installed: true,
    scratch,
    upper: upperOf(scratch),
    log: log.tail(),
    flags: [...flags],
    isDated: dated || faults.length > 0,
  }
}

/** A command as people read it: a script of ours that a shell runs is told by its name. */
function wordsOf(argv: readonly string[]): string {
  const [shell = '', option, , ...named] = argv
  return (/^(?:\/bin\/)?sh$/.test(shell) && option === '-c' && named.length > 0 ? named : argv).join(' ')
}

/** What a shell ends with where it can't start a program. */
const notStarted = new Set<number | null>([126, 127])

/** The command ends like that, too, where it starts what is not there; but its door stands by then. Without it the machine failed, and nobody's manifest. */
async function neverBegan({ ended, exitCode }: SandboxResult, doorStood: () => boolean): Promise<boolean> {
  if (ended !== 'exited' || !notStarted.has(exitCode) || doorStood()) return false
  // A connection may have come in while the end was told.
  await setImmediate()
  await setImmediate()
  return !doorStood()
}

function failed(request: InstallRequest, ended: string, log: Buffer, command: string): Installed {
  const { faults, missing } = request.gateway.log
  if (faults.length > 0)
    throw new Fault('registry', `the package registry did not answer: ${faults.slice(0, 3).join('; ')}`)
  if (ended === 'timed-out') {
    return { installed: false, reason: 'environment-timeout', evidence: { command, seconds: request.seconds }, log }
  }
  if (ended === 'disk-full') return { installed: false, reason: 'environment-too-large', evidence: { command }, log }
  if (ended === 'out-of-memory')
    return { installed: false, reason: 'install-failed', evidence: { command, ended }, log }
  const { reason, detail } = request.explain(log.toString())
  return { installed: false, reason, evidence: { command, detail, missing: missing.slice(0, 20) }, log }
}
