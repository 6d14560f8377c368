import type { ReactionName } from '../src/reactions/index.ts'
import type { ReactionInfra } from './reaction.ts'
import { announce } from './reactions/announce.ts'
import { catalogFiles } from './reactions/catalog-files.ts'
import { catalog } from './reactions/catalog.ts'
import { deployment } from './reactions/deployment.ts'
import { job } from './reactions/job.ts'

/** The infrastructure of each reaction in `src/reactions/index.ts`. */
export const reactionInfra: Readonly<Record<ReactionName, ReactionInfra>> = {
  catalog,
  'catalog-files': catalogFiles,
  announce,
  job,
  deployment,
}
