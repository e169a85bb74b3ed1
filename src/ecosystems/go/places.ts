import { environmentFolder } from '../places.ts'

/** What Go would keep in the home: modules, and what it compiled. */
export const goFolder = `${environmentFolder}/go`

/** Absolute in the sandbox. */
export const goPath = `/testbed/${goFolder}`

/** The go.mod that the install worked with, by the module's folder, for states whose own asks for modules that are not there. */
export function installedFolder(directory: string): string {
  return `${goPath}/installed/${directory}`
}
