import { InvalidArgumentError } from 'commander'
import { type WorkName, workNames } from '../../pipeline/jobs.ts'
import { isInCalendar, timeOf } from '../../query/filter-values.ts'

/** Parsers of option values. Each throws commander's InvalidArgumentError, which becomes exit code 2. */
export function positiveInteger(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('It must be a whole number from 1 on.')
  return Number(value)
}

/** `12,34` → [12, 34]. */
export function pullNumbers(value: string): number[] {
  const numbers = value.split(',').map((part) => part.trim().replace(/^#/, ''))
  if (!numbers.every((number) => /^[1-9]\d{0,8}$/.test(number))) {
    throw new InvalidArgumentError('It must be pull numbers with commas between, e.g. 12,34.')
  }
  return [...new Set(numbers.map(Number))]
}

/** A day (`2024-05-01`, its beginning in UTC) or a time in ISO 8601 with its zone. */
export function date(value: string): Date {
  const parsed = timeOf(value)
  if (!/^\d{4}-\d{2}-\d{2}(T.+(Z|[+-]\d{2}:?\d{2}))?$/.test(value) || !isInCalendar(parsed)) {
    throw new InvalidArgumentError('It must be a date such as 2024-05-01 or a time such as 2024-05-01T10:00:00Z.')
  }
  return parsed
}

export function ownerAndName(value: string): string {
  if (!/^[\w.-]+\/[\w.-]+$/.test(value)) throw new InvalidArgumentError('It must be owner/name.')
  return value
}

export function words(value: string): string[] {
  return value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** `environment,validators`: some of the pipeline's stages, or `intake`, each once. */
export function stageList(value: string): WorkName[] {
  const named = words(value).map((word) => workNames.find((name) => name === word))
  if (named.length === 0 || named.includes(undefined)) {
    throw new InvalidArgumentError(`It must be stages with commas between, of ${workNames.join(', ')}.`)
  }
  return [...new Set(named.filter((name) => name !== undefined))]
}
