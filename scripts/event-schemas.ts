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
  'Table Changed': 'A version of a table was seen to be there; later ones may be too.',
  'Table Committed': 'One version of a table: what it added, removed and changed.',
  'Run Succeeded': 'A run of a long action is over, and what it took is done.',
  'Run Failed': 'A run of a long action failed; it is tried again, until the reaction is refused as stuck.',
  'Model Promoted': 'The registry says that another version is to be served, and its deployment has begun.',
  'Endpoint Deployed': 'An endpoint is in service with a version, and answered its smoke test.',
  'Endpoint Rolled Back':
    'A version did not get into service, or did not stay there, and the endpoint serves what it served before.',
  'Reaction Refused':
    'A reaction met something that no retry can mend. It is published once, until the reason changes.',
}

/** By file name under `schemas/events/`: what Landfall publishes, and what its functions take in. */
export const eventSchemas: Readonly<Record<string, () => JsonSchema>> = {
  ...Object.fromEntries(
    Object.entries(facts).map(([type, detail]) => [
      `${type.toLowerCase().replaceAll(' ', '-')}.schema.json`,
      () => published(type, described[type as FactType], z.toJSONSchema(detail)),
    ]),
  ),
  's3-event.schema.json': () =>
    taken('S3 event', 'What an S3 bucket tells EventBridge: the parts that landing reads.', s3Event),
  's3-notification.schema.json': () =>
    taken('S3 notification', 'What an S3 bucket tells a queue itself: the parts that landing reads.', s3Notification),
  'mlflow-delivery.schema.json': () =>
    taken('MLflow delivery', "What an MLflow server's webhooks deliver: the parts that are read.", mlflowDelivery),
  'databricks-registry-delivery.schema.json': () =>
    taken(
      'Databricks registry delivery',
      "What the webhooks of a Databricks workspace's model registry deliver: the parts that are read.",
      databricksDelivery,
    ),
  'job-notification.schema.json': () =>
    taken('Job notification', 'What Databricks tells of a run: the parts that are read.', jobNotification),
  'sagemaker-endpoint.schema.json': () =>
    taken('SageMaker endpoint event', 'What SageMaker tells EventBridge of an endpoint.', endpointEvent),
  'sagemaker-mlflow.schema.json': () =>
    taken('SageMaker MLflow event', 'What MLflow as SageMaker runs it tells EventBridge.', managedMlflowEvent),
  'codebuild-build.schema.json': () =>
    taken('CodeBuild build event', 'What CodeBuild tells EventBridge of a build of an image.', buildEvent),
  'wake.schema.json': () =>
    taken('Wake-up', 'What the sweep, or anyone else, puts in the queue of a reaction.', wakeSchema),
  'sweep.schema.json': () =>
    taken('Sweep', 'What functions/sweep takes: nothing, or the one subject to sweep.', sweepEvent),
}

/** A schedule's own event has no subject, and much else. */
const sweepEvent = z.looseObject({ subject: z.optional(z.string()) })

function taken(title: string, description: string, schema: z.ZodMiniType): JsonSchema {
  return { ...(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema), title, description }
}

/** An event as a rule sees it, with the fact as its detail. */
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
