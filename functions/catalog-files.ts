import { dynamodb, glue, s3 } from '../src/aws/clients.ts'
import { glueCatalog } from '../src/glue/aws/glue.ts'
import { reactionFunction } from '../src/lambda/reaction-function.ts'
import { catalogFilesReaction } from '../src/reactions/catalog-files/reaction.ts'
import { dynamoLandingLog } from '../src/tables/aws/landing-log.ts'
import { s3Store } from '../src/tables/aws/s3-store.ts'
import { landingLog } from '../src/tables/landing/change.ts'
import { hasFiles } from '../src/tables/landing/has-files.ts'
import { inflate } from '../src/tables/node/decompressors.ts'

/** Keeps the Glue record and the partitions of each table of files up to date with its landing log. */
export const handler = reactionFunction('catalog-files', ({ tables }, { config }) => {
  const bucket = s3()
  const landings = dynamoLandingLog(dynamodb(), config.ledgerTable)
  return catalogFilesReaction({
    tables,
    storeOf: ({ location }) => s3Store(bucket, location),
    logOf: (table) => landingLog(landings, table),
    hasFiles: ({ name }, folder) => hasFiles(landings, name, folder),
    inflate,
    glue: glueCatalog(glue()),
  })
})
