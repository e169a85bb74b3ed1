import { defineConfig } from 'drizzle-kit'

/** For `npm run db:generate -- --name what-it-does`: the migration is the difference between schema.ts and the last snapshot. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema.ts',
  out: './migrations',
  migrations: { prefix: 'index' },
})
