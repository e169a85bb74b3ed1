import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import type { Db } from '../../src/db/connect.ts'

/** Every column of the whole database, pg-boss's included, that holds a text somewhere: `schema.table.column`. */
export async function tracesInDatabase(db: Db, marker: string): Promise<string[]> {
  const { rows } = await db.execute<{ schema: string; name: string; column: string; type: string }>(sql`
    select c.table_schema as schema, c.table_name as name, c.column_name as column, c.data_type as type
    from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')`)
  const found: string[] = []
  for (const { schema, name, column, type } of rows) {
    const content = sql.raw(`"${column}"`)
    const holds =
      type === 'bytea'
        ? sql`position(convert_to(${marker}, 'UTF8') in ${content}) > 0`
        : sql`position(${marker} in ${content}::text) > 0`
    const { rows: held } = await db.execute(
      sql`select 1 from ${sql.raw(`"${schema}"."${name}"`)} where ${holds} limit 1`,
    )
    if (held.length > 0) found.push(`${schema}.${name}.${column}`)
  }
  return found
}

/** Every file below a folder that holds a text, by its name or its bytes; of git repositories their objects too. */
export function tracesInFiles(folder: string, marker: string): string[] {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const files = paths.filter((path) => path.includes(marker) || readFileSync(path).includes(marker))
  return [...files, ...mirrorsWith(join(folder, 'mirrors'), marker)]
}

function mirrorsWith(folder: string, marker: string): string[] {
  const mirrors = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.git')) : []
  return mirrors
    .map((name) => join(folder, name))
    .filter((mirror) =>
      execFileSync('git', ['-C', mirror, 'cat-file', '--batch', '--batch-all-objects'], {
        maxBuffer: 2 ** 28,
      }).includes(marker),
    )
}
