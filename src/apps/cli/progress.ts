import { clearLine, cursorTo } from 'node:readline'
import type { WriteStream } from 'node:tty'

/** What a long command tells meanwhile, on standard error: a bar on a terminal, plain lines elsewhere. */
export interface Progress {
  /** How many steps there are; may grow while the work goes on. */
  total(steps: number): void
  /** One step is done; `line` stays on the screen. Null: it is counted, and not worth a line. */
  step(line: string | null): void
  /** What is being done now: shown beside the bar, or as a line of its own. */
  doing(what: string): void
  /** Takes the bar away. */
  end(): void
}

export function createProgress(stream: WriteStream): Progress {
  return stream.isTTY ? createBar(stream) : createLines(stream)
}

function createLines(stream: NodeJS.WritableStream): Progress {
  let done = 0
  let steps = 0
  return {
    total: (count) => {
      steps = count
    },
    step: (line) => {
      done += 1
      if (line !== null) stream.write(`[${done}/${Math.max(done, steps)}] ${line}\n`)
    },
    doing: (what) => {
      stream.write(`${what}\n`)
    },
    end: () => undefined,
  }
}

const barWidth = 24
const redrawMilliseconds = 80

function createBar(stream: WriteStream): Progress {
  const state = { done: 0, steps: 0, now: '', drawn: 0, startedAt: Date.now() }
  const clear = (): void => {
    cursorTo(stream, 0)
    clearLine(stream, 0)
  }
  const draw = (): void => {
    clear()
    stream.write(barLine(state, Date.now()).slice(0, stream.columns - 1))
    state.drawn = Date.now()
  }
  return {
    total: (count) => {
      state.steps = count
      draw()
    },
    step: (line) => {
      state.done += 1
      clear()
      if (line !== null) stream.write(`${line}\n`)
      draw()
    },
    doing: (what) => {
      state.now = what
      if (Date.now() - state.drawn > redrawMilliseconds) draw()
    },
    end: clear,
  }
}

interface BarState {
  readonly done: number
  readonly steps: number
  readonly now: string
  readonly startedAt: number
}

function barLine(state: BarState, now: number): string {
  const steps = Math.max(state.steps, state.done)
  const filled = steps === 0 ? 0 : Math.round((state.done / steps) * barWidth)
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
  const seconds = Math.round((now - state.startedAt) / 1000)
  return `${bar} ${state.done}/${steps}  ${seconds} s  ${state.now}`
}
