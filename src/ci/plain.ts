import type { SeenCommand } from './types.ts'

/**
 * True where a command is nothing but a program with its arguments: no pipe, redirection, substitution, pattern or variable that nobody
 * knows. Only such commands may be taken over, and only in shapes that an ecosystem allows.
 */
export function isPlain({ words, shell, text }: SeenCommand): boolean {
  const unquoted = text.replaceAll(/'[^']*'|"[^"]*"|\\./g, '')
  const pattern = /[*?]|\{[^{}]*,[^{}]*\}|(?:^|\s)~/.test(unquoted)
  return !shell && !pattern && words.length > 0 && words.every((word) => !/\$|`|\$\{\{|\0/.test(word))
}
