import { mkdir } from 'node:fs/promises'
import { runTool } from './system-tools.ts'

/**
 * Makes a folder, where there is none, and asks the file system to keep what is in each of its folders apart from the rest (ext4's
 * flag for the top of a hierarchy, chattr(1)). Whole trees come and go in them: an ext4 without a journal, as many virtual machines have,
 * looks for each new file among all that were deleted nearby within the last minutes, and takes twenty times as long. It is no more
 * than a wish: other file systems have no such flag, and nothing depends on it.
 */
export async function spreadFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await runTool('chattr', ['+T', folder]).catch(() => undefined)
  return folder
}
