import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from '@jest/globals'
import {
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { cloudwatchLogs } from '../../../src/aws/clients.ts'
import { keepLogGroup } from '../../../src/reactions/deployment/aws/log-groups.ts'

const client = cloudwatchLogs()
afterAll(() => client.destroy())

const newName = () => `/aws/sagemaker/Endpoints/${randomUUID()}`
const found = async (name: string) => {
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }))
  return logGroups.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays])
}

describe('the log group of an endpoint', () => {
  test('is created with a retention, and then left alone', async () => {
    const name = newName()
    expect(await keepLogGroup(client, name, { days: 30 })).toBe('created')
    expect(await found(name)).toEqual([[name, 30]])
    expect(await keepLogGroup(client, name, { days: 30 })).toBe('unchanged')
  })

  test('gets a retention if SageMaker created it before, to be kept for ever; a longer name does not count', async () => {
    const name = newName()
    await client.send(new CreateLogGroupCommand({ logGroupName: `${name}-2` }))
    await client.send(new CreateLogGroupCommand({ logGroupName: name }))
    expect(await keepLogGroup(client, name, { days: 30 })).toBe('completed')
    expect(await found(name)).toEqual([
      [name, 30],
      [`${name}-2`, undefined],
    ])
  })

  test('keeps a retention that somebody chose: a shorter one would delete their logs', async () => {
    const name = newName()
    await client.send(new CreateLogGroupCommand({ logGroupName: name }))
    await client.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 365 }))
    expect(await keepLogGroup(client, name, { days: 30 })).toBe('unchanged')
    expect(await found(name)).toEqual([[name, 365]])
  })
})
