import { describe, expect, test } from '@jest/globals'
import type { CloudWatchLogsClient, LogGroup } from '@aws-sdk/client-cloudwatch-logs'
import { keepLogGroup, parseLogGroups } from '../../../src/reactions/deployment/aws/log-groups.ts'

/** CloudWatch Logs with one group, or none: the calls that change something. */
function logs(group?: LogGroup) {
  const calls: string[] = []
  const send = async ({ constructor, input }: { constructor: { name: string }; input: { kmsKeyId?: string } }) => {
    const call = constructor.name.replace('Command', '')
    if (call === 'DescribeLogGroups') return { logGroups: [group] }
    if (call === 'CreateLogGroup' && group !== undefined)
      throw Object.assign(new Error('it exists'), { name: 'ResourceAlreadyExistsException' })
    calls.push([call, input.kmsKeyId ?? []].flat().join(' '))
    return {}
  }
  return { calls, client: { send } as unknown as CloudWatchLogsClient }
}

const name = '/aws/sagemaker/Endpoints/delay'
const there = (kmsKeyId?: string): LogGroup => ({ logGroupName: name, retentionInDays: 30, kmsKeyId })

describe('the key of a log group', () => {
  test.each([
    ['is there from the beginning', undefined, { key: 'A' }, ['CreateLogGroup A', 'PutRetentionPolicy']],
    ['is added to a group that is there', there(), { key: 'A' }, ['AssociateKmsKey A']],
    ['replaces another', there('A'), { key: 'B', before: 'A' }, ['AssociateKmsKey B']],
    ['is not set twice', there('A'), { key: 'A', before: 'A' }, []],
    ['is removed when it is removed from lake.yml', there('A'), { before: 'A' }, ['DisassociateKmsKey']],
    ['is kept if somebody else set it', there('C'), { before: 'A' }, []],
    ['is kept if somebody else set it, in a lake without', there('C'), {}, []],
  ] as const)('%s', async (_, group, keeping, expected) => {
    const { calls, client } = logs(group)
    await keepLogGroup(client, name, { days: 30, ...keeping })
    expect(calls).toEqual(expected)
  })
})

test('an error of CloudWatch Logs is not taken for a group that is there', async () => {
  const client = { send: () => Promise.reject(new Error('throttled')) } as unknown as CloudWatchLogsClient
  await expect(keepLogGroup(client, name, { days: 30 })).rejects.toThrow('throttled')
})

test('properties that are no log groups are refused, with what was found', () => {
  expect(parseLogGroups({ Names: [name], RetentionInDays: '30' })).toEqual({ names: [name], days: 30, key: undefined })
  expect(() => parseLogGroups({ Names: name, RetentionInDays: '30' })).toThrow(/Names and RetentionInDays, found/)
  expect(() => parseLogGroups({ Names: [name] })).toThrow(/RetentionInDays/)
})
