import {
  GetEventSourceMappingCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'

/**
 * The event source mappings of functions: they deliver messages of a queue to the function. `lambdaMappings` is the
 * adapter; the twin is `test/cli/mappings.twin.ts`.
 */
export interface Mappings {
  /** Empty where there is no such function. */
  of(fn: string): Promise<Mapping[]>
  get(id: string): Promise<Mapping>
  /** Requests the change. AWS takes up to about a minute for it. */
  setEnabled(id: string, enabled: boolean): Promise<Mapping>
}

export interface Mapping {
  readonly id: string
  /** `Enabled`, `Disabled`, or in transition: `Enabling`, `Disabling`, `Creating`, `Updating`, `Deleting`. */
  readonly state: string
}

/** Whether the function gets no messages: every mapping is disabled, or about to be. */
export function isPaused(mappings: readonly Mapping[]): boolean {
  return mappings.length > 0 && mappings.every(({ state }) => state === 'Disabled' || state === 'Disabling')
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
    get: async (UUID) => toMapping(await client.send(new GetEventSourceMappingCommand({ UUID }))),
    setEnabled: async (UUID, Enabled) =>
      toMapping(await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }))),
  }
}
