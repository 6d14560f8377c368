import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { activeReactions } from '../src/reactions/index.ts'
import { logical, type Resource, type Resources } from './cloudformation.ts'
import { reactionInfra } from './index.ts'
import { deadLettersId } from './logical-ids.ts'
import { metric } from './metric-alarms.ts'
import { deadLetterQueues } from './queues.ts'

export interface AlarmSettings {
  /** The functions to watch, as serverless.yml names them. */
  readonly functions: readonly string[]
  /** ARN of an SNS topic to notify. Without one the alarms only change state. */
  readonly topic?: string
}

/** What happened, and what to do. A failed sweep cannot be requeued; its queue is only a record. */
function deadLetterAdvice(queue: string, { stage }: Lake): string {
  return queue === 'sweep'
    ? `A scheduled sweep failed after its last retry. See the logs of the function sweep and the messages in the queue; then run 'landfall sweep --stage ${stage}'.`
    : `Messages for ${queue} were dead-lettered after the last retry. 'landfall redrive ${queue} --stage ${stage} --dry-run' shows why; without --dry-run it requeues them.`
}

/** Missing data is not an alarm: a lake without new data sends no metrics. */
export function alarms(lake: Lake, settings: AlarmSettings): Resources {
  const prefix = names(lake).stack
  const alarm = (name: string, description: string, measure: object): Resource => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${prefix}-${name}`,
      AlarmDescription: description,
      TreatMissingData: 'notBreaching',
      ...measure,
      ...(settings.topic === undefined ? {} : { AlarmActions: [settings.topic], OKActions: [settings.topic] }),
    },
  })
  const resources: Record<string, Resource> = {}
  for (const queue of deadLetterQueues(lake))
    resources[`${deadLettersId(queue)}Alarm`] = alarm(
      `${queue}-dlq`,
      deadLetterAdvice(queue, lake),
      metric(
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        { QueueName: { 'Fn::GetAtt': [deadLettersId(queue), 'QueueName'] } },
        60,
        0,
      ),
    )
  for (const name of settings.functions)
    resources[`${logical(name)}ErrorsAlarm`] = alarm(
      `${name}-errors`,
      `Invocations of the function ${name} failed. See its logs. (A single failed message does not fail an invocation.)`,
      { ...metric('AWS/Lambda', 'Errors', { FunctionName: names(lake).fn(name) }, 300, 0), Statistic: 'Sum' },
    )
  for (const name of activeReactions(lake)) Object.assign(resources, reactionInfra[name].alarms?.(lake, alarm))
  return resources
}
