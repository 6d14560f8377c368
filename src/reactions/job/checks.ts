import type { Part } from '../../lake/part.ts'

/** The checks of `job` in lake.yml. */
export const jobPart: Part = {
  references: [{ from: 'tables.*.job.name', to: ['databricks', 'jobs'] }],
  describe: ({ job }) => job && `job ${job.name} (${job.id})`,
}
