import { eventBridgeBus } from '../src/aws/bus.ts'
import { dynamodb, eventbridge, s3 } from '../src/aws/clients.ts'
import { reactionFunction } from '../src/lambda/reaction-function.ts'
import { tableVersions } from '../src/reactions/announce/aws/table-versions.ts'
import { announceReaction } from '../src/reactions/announce/reaction.ts'

/** Publishes a fact for each version of a table. */
export const handler = reactionFunction('announce', ({ name, tables }, { config }) =>
  announceReaction({
    lake: name,
    tables,
    versionsOf: tableVersions(s3(), dynamodb(), config.ledgerTable),
    bus: eventBridgeBus(eventbridge(), config.busName),
  }),
)
