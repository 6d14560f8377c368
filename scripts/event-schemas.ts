import * as z from 'zod/mini'
import { SOURCE } from '../src/core/facts.ts'
import { facts, type FactType } from '../src/reactions/facts.ts'
import { wakeSchema } from '../src/core/messages.ts'
import { buildEvent, endpointEvent, managedMlflowEvent } from '../src/reactions/deployment/messages.ts'
import { s3Event, s3Notification } from '../src/intake/s3/s3-event.ts'
import { databricksDelivery } from '../src/intake/webhook/databricks-registry.ts'
import { jobNotification } from '../src/intake/webhook/job-notifications.ts'
import { mlflowDelivery } from '../src/intake/webhook/mlflow.ts'

type JsonSchema = Readonly<Record<string, unknown>>

const described: Readonly<Record<FactType, string>> = {
  'Table Changed': 'A table has at least this version. There may be later ones.',
  'Table Committed': 'One version of a table: what it added, removed and changed.',
  'Run Succeeded': 'A run, such as that of a job, succeeded: its versions are done.',
  'Run Failed': 'A run, such as that of a job, failed. It is retried until the reaction is refused as stuck.',
  'Model Promoted': 'Another version is promoted in the registry, and its deployment has started.',
  'Endpoint Deployed': 'An endpoint is in service with a version and passed its smoke test.',
  'Endpoint Rolled Back': 'A version failed to deploy, or to stay in service. The endpoint serves the previous one.',
  'Reaction Refused': 'A reaction cannot succeed by retrying. Published once for each reason.',
}

/** By file name under `schemas/events/`: the events that Landfall publishes, and those that its functions receive. */
export const eventSchemas: Readonly<Record<string, () => JsonSchema>> = {
  ...Object.fromEntries(
    Object.entries(facts).map(([type, detail]) => [
      `${type.toLowerCase().replaceAll(' ', '-')}.schema.json`,
      () => published(type, described[type as FactType], z.toJSONSchema(detail)),
    ]),
  ),
  's3-event.schema.json': () =>
    received('S3 event', 'An event of an S3 bucket through EventBridge: the parts that Landfall reads.', s3Event),
  's3-notification.schema.json': () =>
    received(
      'S3 notification',
      'A notification that an S3 bucket sends directly to a queue: the parts that Landfall reads.',
      s3Notification,
    ),
  'mlflow-delivery.schema.json': () =>
    received('MLflow delivery', 'A webhook of an MLflow server: the parts that Landfall reads.', mlflowDelivery),
  'databricks-registry-delivery.schema.json': () =>
    received(
      'Databricks registry delivery',
      "A webhook of a Databricks workspace's model registry: the parts that Landfall reads.",
      databricksDelivery,
    ),
  'job-notification.schema.json': () =>
    received('Job notification', "Databricks' notification of a run: the parts that Landfall reads.", jobNotification),
  'sagemaker-endpoint.schema.json': () =>
    received('SageMaker endpoint event', "EventBridge's event for an endpoint of SageMaker.", endpointEvent),
  'sagemaker-mlflow.schema.json': () =>
    received('SageMaker MLflow event', "EventBridge's event for an MLflow that SageMaker runs.", managedMlflowEvent),
  'codebuild-build.schema.json': () =>
    received('CodeBuild build event', "EventBridge's event for a build of a container.", buildEvent),
  'wake.schema.json': () =>
    received('Wake-up', 'A message in the queue of a reaction, from the sweep or anyone else.', wakeSchema),
  'sweep.schema.json': () =>
    received('Sweep', 'The event of functions/sweep: empty, or the one subject to sweep.', sweepEvent),
}

/** A schedule's event has other keys, but no subject. */
const sweepEvent = z.looseObject({ subject: z.optional(z.string()) })

function received(title: string, description: string, schema: z.ZodMiniType): JsonSchema {
  return { ...(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema), title, description }
}

/** An event as EventBridge rules see it, with the fact as its detail. */
function published(type: string, description: string, { $schema, ...detail }: JsonSchema): JsonSchema {
  return {
    $schema,
    title: type,
    description,
    type: 'object',
    properties: { source: { const: SOURCE }, 'detail-type': { const: type }, detail },
    required: ['source', 'detail-type', 'detail'],
  }
}
