import {
  GetEventSourceMappingCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'

/**
 * What takes messages out of a queue for its function: the event source mappings, by the function's name. `lambdaMappings`
 * is the adapter, the twin is in `test/twins/`.
 */
export interface Mappings {
  /** None where there is no such function. */
  of(fn: string): Promise<Mapping[]>
  /** As it stands now. */
  look(id: string): Promise<Mapping>
  /** Asks for it; it takes AWS up to a minute or so. */
  enable(id: string, enabled: boolean): Promise<Mapping>
}

export interface Mapping {
  readonly id: string
  /** `Enabled`, `Disabled`, or on the way: `Enabling`, `Disabling`, `Creating`, `Updating`, `Deleting`. */
  readonly state: string
}

export function lambdaMappings(client: LambdaClient): Mappings {
  const toMapping = ({ UUID: id = '', State: state = '' }: { UUID?: string; State?: string }): Mapping => ({
    id,
    state,
  })
  return {
    async of(FunctionName) {
      const found: Mapping[] = []
      try {
        for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client }, { FunctionName }))
          found.push(...EventSourceMappings.map(toMapping))
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error
      }
      return found
    },
    look: async (UUID) => toMapping(await client.send(new GetEventSourceMappingCommand({ UUID }))),
    enable: async (UUID, Enabled) =>
      toMapping(await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }))),
  }
}
