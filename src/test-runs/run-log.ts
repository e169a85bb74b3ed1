import type { Command } from '../model/index.ts'
import type { SandboxResult } from '../sandboxes/types.ts'

const keptPerCommand = 64 * 1024

/** What the commands of a run printed: the end of each, where the failures stand. */
export class RunLog {
  readonly #parts: Buffer[] = []

  add(command: Command, result: SandboxResult): void {
    const ending = result.ended === 'exited' ? `exit ${result.exitCode ?? result.signal}` : result.ended
    this.#parts.push(
      Buffer.from(
        `$ ${command.argv.join(' ')}   (in ${command.directory}; ${ending}; ${result.seconds.toFixed(1)} s)\n`,
      ),
      end(result.stdout),
      end(result.stderr),
    )
  }

  note(line: string): void {
    this.#parts.push(Buffer.from(`${line}\n`))
  }

  tail(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

function end(output: Buffer): Buffer {
  if (output.length === 0) return output
  const kept = output.length > keptPerCommand ? output.subarray(output.length - keptPerCommand) : output
  return kept.at(-1) === 10 ? kept : Buffer.concat([kept, Buffer.from('\n')])
}
