import { Refused } from '../../core/refused.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import type { DeploymentPorts } from './ports.ts'

/** The endpoint's tag that names the lake and stage it belongs to. */
export const OWNER = 'landfall:stack'

/** The code of the refusal to touch an endpoint that is not ours. */
export const TAKEN = 'endpoint-taken'

/**
 * An endpoint on an unknown configuration may have been created by somebody else, or for another lake or stage, perhaps after
 * ours was deleted. Two lakes would otherwise take it from each other for ever.
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
      ? `the endpoint ${name} was not created by Landfall`
      : `the endpoint ${name} belongs to ${owner}`,
    {
      subject: name,
      expected: `the tag ${OWNER}=${ports.stack}`,
      found: owner ?? 'no such tag',
      advice: `Choose another name in lake.yml, or hand the endpoint over: aws sagemaker add-tags --resource-arn ARN --tags Key=${OWNER},Value=${ports.stack}`,
    },
  )
}
