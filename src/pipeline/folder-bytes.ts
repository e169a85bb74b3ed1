import { execa } from 'execa'

/** What folders take on disk, all together; those that are not there take nothing. */
export async function bytesOf(...folders: readonly string[]): Promise<number> {
  if (folders.length === 0) return 0
  const { stdout } = await execa('du', ['--summarize', '--block-size=1', ...folders], { reject: false })
  return stdout.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0)
}
