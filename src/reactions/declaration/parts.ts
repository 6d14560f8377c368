import { databricksPart } from '../../databricks/checks.ts'
import { catalogPart } from '../../glue/checks.ts'
import type { Part } from '../../lake/part.ts'
import { registryPart } from '../../registry/checks.ts'
import { announcePart } from '../announce/checks.ts'
import { modelPart } from '../deployment/checks.ts'
import { jobPart } from '../job/checks.ts'
import { notImplementedPart } from './not-implemented-checks.ts'

/** The checks of lake.yml that reactions, and the systems that they share, add. */
export const parts: readonly Part[] = [
  catalogPart,
  announcePart,
  jobPart,
  databricksPart,
  modelPart,
  registryPart,
  notImplementedPart,
]
