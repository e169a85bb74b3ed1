import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** The process that holds the lock, or null where it was given back meanwhile. */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

/** Linking a file already written, since a lock without its holder's number in it could never be taken over. */
function take(file) {
  const own = `${file}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/**
 * One set-up at a time in a checkout: two `npm ci` at once wipe each other's node_modules. A dead holder's lock is
 * taken over. Returns the function that gives the lock back.
 */
export async function holdLock(root, say) {
  const folder = join(root, '.quarry')
  const file = join(folder, 'set-up.pid')
  mkdirSync(folder, { recursive: true })
  for (let waited = false; !take(file); waited = true) {
    const holder = holderOf(file)
    if (holder !== null && !isAlive(holder)) rmSync(file, { force: true })
    else if (!waited) say(`waiting for the set-up of process ${holder}`)
    await pause(100)
  }
  return () => rmSync(file, { force: true })
}
