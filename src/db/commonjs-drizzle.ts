import { registerHooks } from 'node:module'

/**
 * Makes every later import of drizzle-orm load its CommonJS build; for `node --import`, before anything else.
 *
 * drizzle-orm's manifest is 179 kB, and Node parses it again for each of the package's 150 ES modules: that takes most of a
 * second and 200 MiB in every process. The CommonJS build is the same code, and its loader reads the manifest once.
 */
registerHooks({
  resolve: (specifier, context, next) =>
    /^drizzle-orm($|\/)/.test(specifier)
      ? next(specifier, { ...context, conditions: ['require', 'node'] })
      : next(specifier, context),
})
