import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { UserError } from '../errors.ts'

/** Written by drizzle-kit: the order in which the migrations were made. */
const journalSchema = z.object({ entries: z.array(z.object({ idx: z.int(), when: z.int(), tag: z.string() })) })

export interface Migration {
  /** `0000_tables` */
  readonly name: string
  readonly statements: readonly string[]
  /** sha256 of the file: an applied migration never changes. */
  readonly hash: string
}

const folder = new URL('../../migrations/', import.meta.url)

/**
 * The migrations in their order. Throws where branches crossed in the journal, that is where one was made before its
 * predecessor: databases that already have the later one would never get it in the same order.
 */
export async function readMigrations(from: URL = folder): Promise<Migration[]> {
  const journal = journalSchema.parse(JSON.parse(await readFile(new URL('meta/_journal.json', from), 'utf8')))
  requireOrder(journal.entries)
  return Promise.all(journal.entries.map((entry) => readMigration(from, entry.tag)))
}

async function readMigration(from: URL, name: string): Promise<Migration> {
  const text = await readFile(new URL(`${name}.sql`, from), 'utf8')
  return {
    name,
    statements: text.split('--> statement-breakpoint'),
    hash: createHash('sha256').update(text).digest('hex'),
  }
}

function requireOrder(entries: readonly { readonly idx: number; readonly when: number; readonly tag: string }[]): void {
  for (const [index, entry] of entries.entries()) {
    const previous = entries[index - 1]
    if (entry.idx === index && (previous === undefined || previous.when < entry.when)) continue
    throw new UserError(`Migration ${entry.tag} is older than the one before it: two branches crossed`, {
      mend: `Remove it and generate it again: npm run db:generate -- --name ${entry.tag.replace(/^\d+_/, '')}`,
    })
  }
}
