import { glue, s3 } from '../src/aws/clients.ts'
import { glueCatalog } from '../src/glue/aws/glue.ts'
import { reactionFunction } from '../src/lambda/reaction-function.ts'
import { catalogReaction } from '../src/reactions/catalog/reaction.ts'
import { s3Store } from '../src/tables/aws/s3-store.ts'

/** Keeps the Glue record of each Delta table up to date with its log. */
export const handler = reactionFunction('catalog', ({ tables }) => {
  const bucket = s3()
  return catalogReaction({
    tables,
    storeOf: ({ location }) => s3Store(bucket, location),
    glue: glueCatalog(glue()),
  })
})
