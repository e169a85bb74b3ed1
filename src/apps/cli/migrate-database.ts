import { sql } from 'drizzle-orm'
import type { Config } from '../../config.ts'
import { openDatabase } from '../../db/connect.ts'
import type { MigrationLine } from './lines.ts'

/** Opening brings the database up to date; what it holds is then told. */
export async function bringUpToDate(config: Config): Promise<MigrationLine> {
  const database = await openDatabase({ databaseUrl: config.databaseUrl ?? undefined, home: config.home })
  try {
    const { rows } = await database.db.execute<{ name: string }>(sql`select name from quarry_migrations order by name`)
    const name = config.databaseUrl === null ? "Quarry's own database" : 'The database of DATABASE_URL'
    return { database: name, migrations: rows.map((row) => row.name) }
  } finally {
    await database.close()
  }
}
