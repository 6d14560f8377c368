import type { Part } from '../../lake/part.ts'

/** What `announce` of a table brings to the checks of lake.yml. */
export const announcePart: Part = {
  describe: ({ announce }) => (announce === true ? 'announce' : undefined),
}
