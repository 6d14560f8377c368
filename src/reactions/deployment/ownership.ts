import { Refused } from '../../core/refused.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import type { DeploymentPorts } from './ports.ts'

/** The tag of an endpoint that says which lake and stage it is of. */
export const OWNER = 'landfall:stack'

/** The code of a refusal to touch an endpoint that is not ours. */
export const TAKEN = 'endpoint-taken'

/**
 * An endpoint of this name on a configuration that nothing is known of may have been made by somebody else, or for another lake
 * or stage, also where ours was deleted: each would take it from the other for ever.
 */
export async function checkOwner(
  { model, candidate, state, endpoint }: EndpointUpdate,
  ports: DeploymentPorts,
): Promise<void> {
  const { failed, deployments, leftovers = [] } = state
  const ours = [candidate, ...(failed ? [failed] : []), ...deployments, ...leftovers].map(({ config }) => config)
  if (endpoint === undefined || ours.includes(endpoint.config)) return
  const { name } = model.endpoint
  const owner = (await ports.sagemaker.tags(name))[OWNER]
  if (owner === ports.stack) return
  throw new Refused(
    TAKEN,
    owner === undefined
      ? `there is an endpoint ${name} that Landfall did not make`
      : `the endpoint ${name} is ${owner}'s`,
    {
      subject: name,
      expected: `the tag ${OWNER}=${ports.stack}`,
      found: owner ?? 'no such tag',
      advice: `Choose another name in lake.yml, or hand it over: aws sagemaker add-tags --resource-arn ARN --tags Key=${OWNER},Value=${ports.stack}`,
    },
  )
}
