import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openFolderBlobs } from '../../../src/blobs/folder.ts'
import { Fault } from '../../../src/errors.ts'
import { tell } from '../../tell.ts'

/** Puts more than fits on a disk of one megabyte, then what fits. */
const root = process.argv[2] ?? ''
const blobs = await openFolderBlobs(root)
const error = await blobs.put(randomBytes(2_000_000)).catch((thrown: unknown) => thrown)
tell(`fault ${error instanceof Fault ? error.kind : String(error)}`)
tell(`incoming ${readdirSync(join(root, 'incoming')).length}`)
tell(`after ${(await blobs.put(randomBytes(1000))).bytes}`)
