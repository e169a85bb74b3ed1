import { closeSync, constants, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { Socket } from 'node:net'
import path from 'node:path'
import { runTool } from './system-tools.ts'

/** A real pipe: what goes in at `input`, a descriptor for a child, comes out at `output`. */
export interface Pipe {
  readonly output: Socket
  readonly input: number
  /** To be called once the child has its copy of `input`, or will never have one. */
  closeInput(): void
  /** To be called when no process holds the pipe any more: the next run may have it. */
  release(): void
}

export interface PipePool {
  take(): Promise<Pipe>
}

/** How many named pipes one call of mkfifo makes: two for each of four runs side by side. */
const batch = 8

/**
 * Pipes for a command's output. Node itself gives its children sockets, and a socket can't be opened again by its name
 * in /dev, as scripts do with `>/dev/stderr`. Made as named pipes in `folder` (which nothing inside can reach) and used again and again.
 */
export function createPipePool(folder: string): PipePool {
  const idle: string[] = []
  let made = 0
  async function makeMore(): Promise<void> {
    const names = Array.from({ length: batch }, (_, index) => path.join(folder, `pipe-${made + index}`))
    made += batch
    await mkdir(folder, { recursive: true })
    // The command's user opens them anew by way of /dev/stdout: it is not their owner where Quarry is root.
    await runTool('mkfifo', ['--mode=666', '--', ...names])
    idle.push(...names)
  }
  return {
    async take() {
      for (;;) {
        const name = idle.pop()
        if (name !== undefined) return openPipe(name, () => idle.push(name))
        await makeMore()
      }
    },
  }
}

function openPipe(name: string, release: () => void): Pipe {
  // The reader first and without waiting for a writer; then the writer, which finds one.
  const output = new Socket({
    fd: openSync(name, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  })
  const input = openSync(name, constants.O_WRONLY)
  let open = true
  return {
    output,
    input,
    closeInput() {
      if (open) closeSync(input)
      open = false
    },
    release() {
      output.destroy()
      release()
    },
  }
}
