import { databricksPart } from '../../databricks/checks.ts'
import { catalogPart } from '../../glue/checks.ts'
import type { Part } from '../../lake/part.ts'
import { registryPart } from '../../registry/checks.ts'
import { announcePart } from '../announce/checks.ts'
import { modelPart } from '../deployment/checks.ts'
import { jobPart } from '../job/checks.ts'
import { notImplementedPart } from './not-implemented-checks.ts'

/** What the reactions, and the systems that they share, bring to the checks of lake.yml. */
export const parts: readonly Part[] = [
  catalogPart,
  announcePart,
  jobPart,
  databricksPart,
  modelPart,
  registryPart,
  notImplementedPart,
]
