import { createHash } from 'node:crypto'

const longestName = 500
const longestMessage = 4000

/** Text that JSON, UTF-8 and Postgres can all hold: no NUL, no lone surrogates. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}

/** A test's name as an id can hold it: storable, and cut at 500 characters with a hash of the whole, so that it stays distinct. */
export function cleanName(name: string): string {
  const text = storable(name)
  if (text.length <= longestName) return text
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return `${text.slice(0, longestName).toWellFormed()}…${hash}`
}

export function cleanMessage(message: string): string {
  return storable(message.slice(0, longestMessage))
}
