import { customType, timestamp } from 'drizzle-orm/pg-core'

/** Raw bytes. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** A point in time, with its zone, as a Date. */
export const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })
