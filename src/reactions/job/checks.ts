import type { Part } from '../../lake/part.ts'

/** What `job` of a table brings to the checks of lake.yml. */
export const jobPart: Part = {
  references: [{ from: 'tables.*.job.name', to: ['databricks', 'jobs'] }],
  describe: ({ job }) => job && `job ${job.name} (${job.id})`,
}
