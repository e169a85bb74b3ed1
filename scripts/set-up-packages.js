import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

function readLockfile(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : null
}

/**
 * Says why node_modules is not what package-lock.json asks for; null where it is. npm's own record of what it
 * installed, written last, is compared entry by entry, so an install that was cut short or made by hand is seen too.
 *
 * @param {string} root the checkout
 * @returns {string | null}
 */
export function missingPackages(root) {
  const installed = readLockfile(join(root, 'node_modules', '.package-lock.json'))
  if (installed === null || !existsSync(join(root, 'node_modules', '.bin', 'node'))) return 'nothing is installed yet'
  const wanted = readLockfile(join(root, 'package-lock.json')) ?? {}
  const different = Object.entries(wanted).filter(([place, entry]) => {
    if (place === '' || (entry.optional && installed[place] === undefined)) return false
    return installed[place]?.version !== entry.version || installed[place]?.integrity !== entry.integrity
  })
  return different.length === 0 ? null : `${different.length} packages differ from package-lock.json`
}
