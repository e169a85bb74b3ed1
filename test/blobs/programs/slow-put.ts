import { Readable } from 'node:stream'
import { openFolderBlobs } from '../../../src/blobs/folder.ts'
import { tell } from '../../tell.ts'

/** Puts a blob whose second half never comes. */
const blobs = await openFolderBlobs(process.argv[2] ?? '')
async function* parts() {
  yield Buffer.from('first half')
  tell('half')
  await new Promise(() => process.stdin.resume())
}
await blobs.put(Readable.from(parts()))
