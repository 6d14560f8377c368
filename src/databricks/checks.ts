import type { Part } from '../lake/part.ts'

/** What the section `databricks` brings to the checks of lake.yml. */
export const databricksPart: Part = { names: ['databricks.jobs'] }
