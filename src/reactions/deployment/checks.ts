/** Rules between the keys of models and registries. The schema reports what is missing or wrong in a single key. */
import { parseDuration } from '../../lake/duration.ts'
import { finding } from '../../lake/issues.ts'
import { atKey, oneOfKeys, unwanted } from '../../lake/key-checks.ts'
import type { Named, Part } from '../../lake/part.ts'
import { captured, catalogModelFault, percentOf, variableFault } from './model-names.ts'
import { didYouMean, quoted, type Finding } from '../../lake/problem.ts'
import { smokeFindings } from './smoke-checks.ts'
import { below, entryAt, select, textOf, type Found, type MapNode, type Node } from '../../lake/tree.ts'

/** Deployment guardrails of SageMaker; MaximumExecutionTimeoutInSeconds is at most 28,800. */
const rolloutLimit = 28_800_000
const rollouts = ['canary', 'linear', 'rolling'] as const
/** What serverless endpoints do not have (SageMaker developer guide, "Feature exclusions"). */
const instancesOnly = ['instances', 'rollout', 'alarms', 'capture'] as const
/** CreateModel, EnvironmentMap; and ContainerDefinition: bytes of all names and values together. */
const variableLimit = 100
const environmentLimit = 32 * 1024

/** What the section `models` brings to the checks of lake.yml. */
export const modelPart: Part = {
  names: ['models'],
  references: [{ from: 'models.*.registry', to: ['registries'] }],
  outputs: ['models.*.package', 'models.*.endpoint.capture.to'],
  unique: [{ what: 'the endpoint', named: endpointNames }],
  checks: [modelFindings],
}

function modelFindings(root: MapNode): Finding[] {
  const models = select(root, 'models.*').filter(({ node }) => node.kind === 'map')
  const endpoints = models.flatMap((model) => below(model, 'endpoint')).filter(({ node }) => node.kind === 'map')
  return [
    ...models.flatMap((model) =>
      below(model, 'promote').flatMap((found) => oneOfKeys(found, ['alias', 'stage', 'tag'])),
    ),
    ...models.flatMap((model) => fitsRegistry(root, model)),
    ...models.flatMap((model) => below(model, 'environment').flatMap(environmentFindings)),
    ...models.flatMap(packageOfServerless),
    ...models.flatMap(imageOfArm),
    ...endpoints.flatMap((endpoint) => [
      ...oneOfKeys(endpoint, ['instance', 'serverless']),
      ...notOfServerless(endpoint),
      ...below(endpoint, 'serverless').flatMap(provisioned),
      ...below(endpoint, 'instances').flatMap(autoscaling),
      ...unscalable(endpoint),
      ...below(endpoint, 'rollout').flatMap((rollout) => rolloutFindings(endpoint, rollout)),
      ...below(endpoint, 'capture').flatMap(capturedTwice),
      ...below(endpoint, 'smoke').flatMap(smokeFindings),
    ]),
  ]
}

/** The mark that each Databricks registry lacks. MLflow's own has all three. */
const missingMarks: Readonly<Record<string, { readonly mark: string; readonly expected: string }>> = {
  workspace: { mark: 'alias', expected: "stage or tag: the workspace's registry has no aliases" },
  'unity-catalog': { mark: 'stage', expected: 'alias or tag: Unity Catalog has no stages' },
}

function fitsRegistry(root: MapNode, model: Found): Finding[] {
  const [registry] = below(model, 'registry')
  const declared = entryAt(root, ['registries', textOf(registry?.node) ?? ''])
  const kind = declared && textOf(select(declared.node, 'databricks')[0]?.node)
  if (registry === undefined || kind === undefined) return []
  const { mark, expected } = missingMarks[kind] ?? {}
  const marks = mark === undefined ? [] : below(model, `promote.${mark}`)
  return [
    ...marks.map((found) => unwanted(found, expected!)),
    ...(kind === 'unity-catalog' ? catalogName(model, registry) : []),
  ]
}

function catalogName(model: Found, registry: Found): Finding[] {
  const [given] = below(model, 'model')
  const path = [...model.path, 'model']
  if (given === undefined) {
    const expected = 'the key model, with catalog.schema.model as Unity Catalog has it'
    return [{ at: registry.node.at, path, expected, found: 'nothing', message: `expected ${expected}` }]
  }
  const name = textOf(given.node)
  const fault = name === undefined || name.trim() === '' ? undefined : catalogModelFault(name)
  return fault === undefined ? [] : [finding(fault.what, fault.expected, given, path, fault.suggestion)]
}

function environmentFindings(environment: Found): Finding[] {
  const variables = below(environment, '*')
  const bad = variables.flatMap((variable) => {
    const name = String(variable.path.at(-1))
    const { what, expected, suggestion } = variableFault(name) ?? {}
    if (what === undefined || expected === undefined) return []
    const message = `${what}: expected ${expected}, found ${quoted(name)}${didYouMean(suggestion)}`
    return [
      { ...atKey(variable), expected, found: quoted(name), message, ...(suggestion !== undefined && { suggestion }) },
    ]
  })
  if (environment.node.kind !== 'map') return bad
  const bytes = Buffer.byteLength(variables.map(({ path, node }) => `${path.at(-1)}${textOf(node) ?? ''}`).join(''))
  const tooMuch = (what: string, expected: string, found: string): Finding[] => [
    { ...atKey(environment), expected, found, message: `${what}: expected ${expected}, found ${found}` },
  ]
  return [
    ...bad,
    ...(variables.length > variableLimit
      ? tooMuch('too many variables', `at most ${variableLimit}`, `${variables.length}`)
      : []),
    ...(bytes > environmentLimit ? tooMuch('too much text', `at most ${environmentLimit} bytes`, `${bytes}`) : []),
  ]
}

/** Serverless endpoints accept no S3Prefix (S3ModelDataSource), so they need an archive. */
function packageOfServerless(model: Found): Finding[] {
  const [serverless] = below(model, 'endpoint.serverless')
  if (serverless === undefined || below(model, 'package').length > 0) return []
  const expected = 'the key package, with where the model.tar.gz goes'
  const message = `serverless needs ${expected}`
  return [{ at: serverless.keyAt, path: [...model.path, 'package'], expected, found: 'nothing', message }]
}

/** Instances of Graviton and Grace. MLflow's own container is built for x86 (`infra/sagemaker/images.ts`). */
const ARM = /^ml\.(?:[a-z]\d+g[a-z]*\.|[a-z\d]+-gb\d)/

function imageOfArm(model: Found): Finding[] {
  const [type] = below(model, 'endpoint.instance')
  if (type === undefined || below(model, 'image').length > 0 || !ARM.test(textOf(type.node) ?? '')) return []
  const expected = 'the key image, with a container for ARM'
  const message = `${quoted(textOf(type.node)!)} needs ${expected}: MLflow's own is for x86`
  return [{ at: type.node.at, path: [...model.path, 'image'], expected, found: 'nothing', message }]
}

function notOfServerless(endpoint: Found): Finding[] {
  // With an instance as well, that is the problem to report.
  if (below(endpoint, 'serverless').length === 0 || below(endpoint, 'instance').length > 0) return []
  return instancesOnly.flatMap((key) =>
    below(endpoint, key).map((found) => unwanted(found, `no ${key} on a serverless endpoint, which has none`)),
  )
}

/** A content type is the same in any case of letters (RFC 9110, 8.3.1). */
function capturedTwice(capture: Found): Finding[] {
  const typesOf = (key: 'json' | 'csv') =>
    below(capture, `${key}.*`).flatMap((found) => {
      const type = textOf(found.node)?.toLowerCase()
      return type === undefined ? [] : [{ found, type }]
    })
  const json = typesOf('json')
  const isJson = new Set<string>([captured.json, ...json.map(({ type }) => type)])
  const twice = (listed: ReturnType<typeof typesOf>, other: string): Finding[] =>
    listed.map(({ found }) =>
      finding('kept twice', `a content type that is not kept as ${other} as well`, found, found.path, undefined),
    )
  return [
    ...twice(
      json.filter(({ type }) => type === captured.csv),
      'CSV',
    ),
    ...twice(
      typesOf('csv').filter(({ type }) => isJson.has(type)),
      'JSON',
    ),
  ]
}

function provisioned(serverless: Found): Finding[] {
  const [given] = below(serverless, 'provisioned')
  const most = wholeOf(below(serverless, 'concurrency')[0]?.node)
  if (given === undefined || most === undefined || (wholeOf(given.node) ?? 0) <= most) return []
  return [finding('too much', `at most the concurrency, ${most}`, given, given.path, undefined)]
}

function autoscaling(instances: Found): Finding[] {
  const [max] = below(instances, 'max')
  const [min, most] = [wholeOf(below(instances, 'min')[0]?.node), wholeOf(max?.node)]
  if (max === undefined || min === undefined || most === undefined) return []
  if (min > most) return [finding('too little', `at least min, ${min}`, max, max.path, undefined)]
  const [invocations] = below(instances, 'invocations')
  if (min === most && invocations !== undefined)
    return [unwanted(invocations, 'no invocations where min and max are the same: nothing is scaled')]
  if (min === most || invocations !== undefined) return []
  const expected = 'the key invocations, with how many per instance and minute autoscaling aims at'
  const path = [...instances.path, 'invocations']
  return [{ at: max.keyAt, path, expected, found: 'nothing', message: `max above min needs ${expected}` }]
}

/** SageMaker does not scale burstable instances (SageMaker developer guide, "Configure model auto scaling with the console"). */
function unscalable(endpoint: Found): Finding[] {
  const [type] = below(endpoint, 'instance')
  const [min, max] = ['min', 'max'].map((key) => wholeOf(below(endpoint, `instances.${key}`)[0]?.node))
  const isBurstable = /^ml\.t\d/.test(textOf(type?.node) ?? '')
  if (type === undefined || !isBurstable || min === undefined || max === undefined || min >= max) return []
  const expected = 'an instance type that SageMaker scales, as ml.m5.large, where max is above min'
  return [finding('it cannot be autoscaled', expected, type, type.path, undefined)]
}

function rolloutFindings(endpoint: Found, rollout: Found): Finding[] {
  const kinds = rollouts.flatMap((kind) => below(rollout, kind))
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) return oneOfKeys(rollout, rollouts, true)
  return [...tooFew(endpoint, kind), ...tooLong(rollout, kind)]
}

/** A step takes at least one instance and at most half of them (CapacitySize), so one instance has no steps. */
function tooFew(endpoint: Found, kind: Found): Finding[] {
  const [instances] = below(endpoint, 'instances')
  if (below(endpoint, 'instance').length === 0 || below(endpoint, 'serverless').length > 0) return []
  const [min] = instances?.node.kind === 'map' ? below(instances, 'min') : [instances]
  const first = instances === undefined ? 1 : wholeOf(min?.node)
  if (first === undefined || first !== 1) return []
  const expected = `at least 2 instances at first for ${kind.path.at(-1)}: a step takes one at least and half of them at most`
  const where = min === undefined ? atKey(kind) : { at: min.node.at, path: min.path }
  return [{ ...where, expected, found: '1', message: `too few instances: expected ${expected}` }]
}

/** For the largest number of steps there can be. A canary has two, and cannot take too long. */
function tooLong(rollout: Found, kind: Found): Finding[] {
  const [bake] = below(rollout, 'bake')
  const percent = percentOf(textOf(kind.node) ?? '')
  const pause = parseDuration(textOf(bake?.node) ?? '')
  if (bake === undefined || percent === undefined || pause === undefined || kind.path.at(-1) === 'canary') return []
  const steps = Math.ceil(100 / percent)
  if (steps * pause < rolloutLimit) return []
  const expected = `less than 8 h for all of the ${steps} steps of ${quoted(textOf(kind.node)!)}`
  return [finding('the roll-out takes too long', expected, bake, bake.path, undefined)]
}

function wholeOf(node: Node | undefined): number | undefined {
  const value = node?.kind === 'scalar' && node.broken === undefined ? node.value : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

/** Endpoint names are the same in any case of letters (CreateEndpoint). */
function endpointNames(root: MapNode): Named[] {
  return select(root, 'models.*.endpoint.name').flatMap((found) => {
    const name = textOf(found.node)
    return name === undefined ? [] : [{ ...found, name: name.toLowerCase() }]
  })
}
