import { statOf } from '../proc.ts'
import { type Launch, type Launcher, letGo, readStatus, statusPipe } from './bubblewrap-launch.ts'
import { captureOutput } from './captured-output.ts'
import type { ControlGroup } from './control-groups.ts'
import { type Cause, endingOf } from './ending.ts'
import { killProcess, waitUntil } from './processes.ts'
import type { SandboxResult } from './types.ts'
import { watchDisk } from './watch-disk.ts'
import { groupMemory, type MemoryWatch, residentMemory } from './watch-memory.ts'
import { startWatchdog } from './watchdog.ts'

const mib = 1024 * 1024

/** What a launcher is let go with. */
export interface Run extends Launch {
  /** Host folders that count against the disk limit. */
  readonly written: readonly string[]
  readonly signal: AbortSignal | undefined
  /** Called once the command is on its way. */
  readonly started: () => void
}

/** Runs one command to its end and waits until no process of it is left. Throws Fault where the sandbox failed. */
export async function runBubblewrap(launcher: Launcher, run: Run): Promise<SandboxResult> {
  const { child, group } = launcher
  const { limits } = run
  const memory = group.limitsMemory ? groupMemory(group) : residentMemory(limits.memoryMiB)
  const disk = await watchDisk(run.written, limits.diskMiB)
  const started = performance.now()
  const stdout = captureOutput(launcher.stdout.output, limits.outputMiB * mib)
  const stderr = captureOutput(launcher.stderr.output, limits.outputMiB * mib)
  const reported = captureOutput(statusPipe(child), mib)
  const status = () => readStatus(reported.bytes().toString())
  const watchdog = startWatchdog({
    seconds: limits.seconds,
    signal: run.signal,
    memory: () => memory.exceeded(status().init),
    disk: () => disk.look(status().init),
    kill() {
      if (child.pid !== undefined) killProcess(child.pid)
      group.kill()
    },
  })
  const [{ signal }] = await Promise.all([
    launcher.closed.finally(watchdog.stop),
    letGo(launcher, run).then(run.started, (error: unknown) => watchdog.fail(error)),
  ])
  const seconds = (performance.now() - started) / 1000
  await lastProcessGone(status().init, group)
  await Promise.all([stdout.ended, stderr.ended])
  const ending = endingOf({
    cause: memoryCause(group, memory, limits.memoryMiB) ?? (await watchdog.cause()),
    exitCode: status().exitCode,
    signal,
    begun: status().init !== null,
    said: () => stderr.bytes().toString().slice(0, 2000).trim(),
  })
  const outputCut = stdout.cut() || stderr.cut()
  return { ...ending, stdout: stdout.bytes(), stderr: stderr.bytes(), outputCut, seconds, peakMiB: memory.peakMiB() }
}

/**
 * A process that the kernel ended for want of memory decides, whatever came of it afterwards. One that was ended
 * below the limit fell to the whole machine's want.
 */
function memoryCause(group: ControlGroup, memory: MemoryWatch, limitMiB: number): Cause | null {
  if (group.memoryKills() === 0) return null
  return (memory.peakMiB() ?? limitMiB) < limitMiB * 0.9 ? 'host-out-of-memory' : 'out-of-memory'
}

/** The first process of a pid namespace is only gone when all others are: what the run wrote stands still from then on. */
async function lastProcessGone(init: number | null, group: ControlGroup): Promise<void> {
  group.kill()
  if (init === null) return
  const startTime = statOf(init)?.startTime
  await waitUntil(() => {
    const stat = statOf(init)
    return stat === null || stat.ended || stat.startTime !== startTime
  }, 10_000)
}
