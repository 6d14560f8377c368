/** `models` and `registries` of lake.yml, key by key. Rules between keys are in `checks.ts`. */
import * as z from 'zod'
import * as rules from './model-names.ts'
import * as names from '../../lake/names.ts'
import { count, duration, location, named, text } from '../../lake/schema-values.ts'

const promote = z
  .strictObject({
    alias: text('The alias that marks the version to serve.', rules.aliasFault, rules.aliasPattern).optional(),
    stage: z.enum(['Staging', 'Production']).meta({ description: 'The stage of the version to serve.' }).optional(),
    tag: z
      .strictObject({
        key: text("The tag's key.", rules.tagKeyFault),
        value: text('Its value.', names.anyText),
      })
      .meta({ description: 'The tag of the version to serve; where several have it, the newest.' })
      .optional(),
  })
  .meta({
    description: 'What marks the version to serve: one of alias, stage and tag.',
    oneOf: [{ required: ['alias'] }, { required: ['stage'] }, { required: ['tag'] }],
  })

const instances = z
  .union([
    count('How many instances.'),
    z
      .strictObject({
        min: count('How many there are at first, and at least.'),
        max: count('How many there are at most.'),
        invocations: count(
          'Invocations per instance and minute that autoscaling aims at. Needed where max is above min.',
        ).optional(),
      })
      .meta({ description: 'Between how many instances autoscaling moves.' }),
  ])
  .meta({ description: 'How many instances: a number, or a map for autoscaling.', 'x-default': '`1`' })

const serverless = z
  .strictObject({
    memory: text('Memory: 1 GB to 6 GB.', rules.memoryFault, rules.memoryPattern),
    concurrency: count('How many requests it answers at once, up to 200.').max(200),
    provisioned: count('For how many of them it is kept warm.').max(200).optional(),
  })
  .meta({ description: 'Serverless inference, in place of instances.' })

const step = (description: string, least: number): z.ZodOptional<z.ZodString> =>
  text(description, rules.wholePercentFault(least, 50), rules.percentPattern).optional()

const rollout = z
  .strictObject({
    canary: step('Traffic moves in two steps, the first of so much of the capacity: up to 50%.', 1),
    linear: step('Traffic moves in equal steps of so much of the capacity: 10% to 50%.', 10),
    rolling: step('Instances are replaced in batches of so much of the capacity: 5% to 50%.', 5),
    bake: duration('How long the new version is watched after each step: up to 1 h.', rules.bakeFault, {
      'x-default': '`5 min`',
    }).optional(),
  })
  .meta({
    description: 'How a new version takes over: by canary, linear or rolling, or all at once.',
    'x-default': 'all at once',
  })

const alarms = z
  .strictObject({
    errors: text('More than this share of invocations fails.', rules.percentFault, rules.percentPattern, {
      'x-default': '`5%`',
    }).optional(),
    rejected: text(
      'More than this share of invocations is answered with 4xx, as MLflow answers where the model itself raises; but so is a bad request.',
      rules.percentFault,
      rules.percentPattern,
    ).optional(),
    latency: duration("The model's latency (p99) is more than this.", rules.latencyFault).optional(),
  })
  .meta({ description: 'What takes a new version back while it is watched.', 'x-default': 'errors' })

/** SageMaker takes up to ten, of which one is MLflow's. */
const capturedTypes = (as: string, own: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z
    .array(text('A content type.', rules.contentTypeFault, rules.contentTypePattern))
    .min(1)
    .max(9)
    .meta({
      description: `Content types that are kept as ${as} besides ${own}: up to 9. Other types are kept in base64.`,
    })
    .optional()

const capture = z
  .strictObject({
    to: location('Where to: s3://BUCKET/PREFIX, in a bucket that is declared under buckets, outside of tables.'),
    sample: text('Of how many requests.', rules.wholePercentFault(1, 100), rules.percentPattern, {
      'x-default': '`100%`',
    }).optional(),
    json: capturedTypes('JSON', rules.captured.json),
    csv: capturedTypes('CSV', rules.captured.csv),
  })
  .meta({ description: 'Keeps requests and answers (data capture of SageMaker).' })

const smoke = z
  .strictObject({
    request: z.unknown().meta({ description: 'The request: any JSON, sent as it is.' }),
    expect: z
      .unknown()
      .meta({
        description:
          'The form of the answer: maps, lists with one item that each of theirs has to match, and number, string, boolean, null or any.',
        'x-default': 'any answer',
      })
      .optional(),
  })
  .meta({ description: 'A request that a new version has to answer well before its deployment counts.' })

const endpoint = z
  .strictObject({
    name: text('The SageMaker endpoint.', rules.endpointFault, rules.endpointPattern),
    instance: text('Its instance type.', rules.instanceFault, rules.instancePattern).optional(),
    instances: instances.optional(),
    serverless: serverless.optional(),
    rollout: rollout.optional(),
    alarms: alarms.optional(),
    capture: capture.optional(),
    smoke: smoke.optional(),
    keep: count('How many past deployments stay ready for a rollback: up to 20.')
      .max(20)
      .meta({ 'x-default': '`3`', description: 'How many past deployments stay ready for a rollback: up to 20.' })
      .optional(),
  })
  .meta({
    description: 'The endpoint that serves the model: on instances, or serverless.',
    oneOf: [{ required: ['instance'] }, { required: ['serverless'] }],
  })

export const modelSchema = z
  .strictObject({
    registry: text('Where the model is registered, by its name under registries.', names.anyText),
    model: text(
      "The model's name in the registry; in Unity Catalog catalog.schema.model.",
      rules.registeredFault,
      undefined,
      {
        'x-default': "the model's name in lake.yml",
      },
    ).optional(),
    promote,
    image: text('The container in ECR.', rules.imageFault, rules.imagePattern, {
      'x-default': "MLflow's own, of the version that logged the model",
    }).optional(),
    role: text('The ARN of the execution role.', rules.roleFault, rules.rolePattern, {
      'x-default': 'a role that Landfall makes for the model',
    }).optional(),
    environment: named(
      'Variables of the environment that the container gets.',
      text('A value.', rules.variableValueFault),
      rules.variablePattern,
    ).optional(),
    package: location(
      'Where the model is put as a model.tar.gz: s3://BUCKET/PREFIX, in a bucket that is declared under buckets, outside of tables. Needed by serverless; otherwise the model is served from where the registry has it.',
    ).optional(),
    endpoint,
  })
  .meta({ description: 'A registered model that an endpoint serves.' })
