import type { Part } from '../lake/part.ts'

/** The checks of the section `databricks` in lake.yml. */
export const databricksPart: Part = { names: ['databricks.jobs'] }
