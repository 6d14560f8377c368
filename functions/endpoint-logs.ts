import { cloudwatchLogs } from '../src/aws/clients.ts'
import { customResource } from '../src/lambda/custom-resource.ts'
import { keepLogGroup, parseLogGroups } from '../src/reactions/deployment/aws/log-groups.ts'

/**
 * CloudFormation calls it when the log groups of the endpoints have to be there: before SageMaker creates them itself, to be
 * kept for ever. Deleting leaves them as they are: their endpoints may still serve.
 */
export const handler = customResource('endpoint-logs', ({ log }) => {
  const client = cloudwatchLogs()
  return {
    physicalId: ({ LogicalResourceId }) => LogicalResourceId,
    async run(event) {
      if (event.RequestType === 'Delete') return
      const { names, days, key } = parseLogGroups(event.ResourceProperties)
      const before = event.RequestType === 'Update' ? parseLogGroups(event.OldResourceProperties).key : undefined
      // One after the other: CloudWatch Logs allows some ten calls of a kind a second.
      for (const name of names) log.info(await keepLogGroup(client, name, { days, key, before }), { name })
    },
    failure: () => 'the log groups of the endpoints could not be set up',
  }
})
