/** npm's rule for names that can be on a registry (old names may hold capitals), without what could leave a folder. */
const legalName = /^(?:@[A-Za-z0-9~-][\w.~-]*\/)?[A-Za-z0-9~(-][\w.~!'()*-]*$/

export function isPackageName(name: string): boolean {
  return name.length <= 214 && legalName.test(name) && !name.includes('..')
}

/** The name as one path segment of a registry's address: `@scope%2fname`. */
export function encodePackageName(name: string): string {
  return name.replace('/', '%2f')
}

/** `name` of `@scope/name`. */
export function baseName(name: string): string {
  return name.slice(name.indexOf('/') + 1)
}

export function scopeOf(name: string): string | null {
  return name.startsWith('@') ? name.slice(0, name.indexOf('/')) : null
}
