import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

const HEADER = 12
/** ctime (8), mtime (8), dev, ino, mode, uid, gid, size (4 each): git's index format, version 2. */
const STAT = { ctime: 0, mtime: 8, device: 16, inode: 20, uid: 28, gid: 32 }
const FIXED_PART = 62
const CHECKSUM = 20

/**
 * Gives every entry of a version 2 index one modification time, and clears what tells one copy of the files from another (change
 * time, inode, owner). With `core.checkStat=minimal`, git then takes the files as clean without reading them, whoever
 * owns them and wherever they are mounted. Paths are returned in the index's order.
 */
export async function settleIndex(file: string, time: Date): Promise<string[]> {
  const index = await readFile(file)
  if (index.toString('latin1', 0, 4) !== 'DIRC' || index.readUInt32BE(4) !== 2)
    throw new TypeError('not an index of version 2')
  const paths: string[] = []
  let at = HEADER
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    settleEntry(index, at, Math.floor(time.getTime() / 1000))
    const end = index.indexOf(0, at + FIXED_PART)
    paths.push(index.toString('utf8', at + FIXED_PART, end))
    at += Math.ceil((end - at + 1) / 8) * 8
  }
  const body = index.subarray(0, -CHECKSUM)
  createHash('sha1').update(body).digest().copy(index, body.length)
  await writeFile(file, index)
  return paths
}

function settleEntry(index: Buffer, at: number, seconds: number): void {
  for (const field of [STAT.ctime, STAT.ctime + 4, STAT.mtime + 4, STAT.device, STAT.inode, STAT.uid, STAT.gid])
    index.writeUInt32BE(0, at + field)
  index.writeUInt32BE(seconds, at + STAT.mtime)
}
