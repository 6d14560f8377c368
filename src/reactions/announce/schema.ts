import * as z from 'zod'

/** `announce` of a table. */
export const announceTableSchema = z.boolean().meta({
  description: 'Publishes a fact for each version of the table.',
  'x-default': 'as `announce` of the lake says',
})

/** `announce` of the lake. */
export const announceAllSchema = z.boolean().default(false).meta({
  description: 'Publishes a fact for each version of every table that does not say `announce: false` itself.',
})
