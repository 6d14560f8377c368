import { Definitions } from './definitions.ts'
import { invalid, ServiceError } from './errors.ts'
import { ACCOUNT, ARN, type Limits, missing, page, within } from './kept.ts'
import { become, step, type Durations, type World } from './machine.ts'
import { planOf } from './plan.ts'
import * as requests from './requests.ts'
import {
  initialInstances,
  serving,
  type Fleet,
  type StoredConfig,
  type StoredEndpoint,
  type StoredModel,
} from './state.ts'
import { Tagged } from './tags.ts'
import { eventOf, summary, viewEndpoint, type EndpointEvent } from './views.ts'

export interface CoreOptions extends Omit<World, 'durations' | 'rollbackFails'> {
  /** Of SageMaker's waits: with 0.01 a second takes ten milliseconds. Default: 1. */
  readonly scale?: number
  readonly durations?: Partial<Durations>
  readonly limits?: Partial<Limits>
  onEvent?(event: EndpointEvent): void
  rollbackFails?(endpoint: string): boolean
  /** Whether the variant of an endpoint is registered with Application Auto Scaling. */
  isScaled?(endpoint: string, variant: string): boolean
}

const UNLIMITED: Limits = { endpoints: Infinity, configs: Infinity, models: Infinity, instances: Infinity }
const DURATIONS: Durations = { provision: 0, rollback: 0, delete: 0 }
const isBusy = ({ status }: StoredEndpoint): boolean => /^(Creating|Updating|RollingBack|Deleting)$/.test(status)

/**
 * SageMaker's models, endpoint configurations and endpoints, in memory: a state machine that takes the time from `now`. It does no
 * I/O and never waits: each call first does what has become due, as of the time at which it was due.
 *
 * Choices where the API reference says nothing: an update to the configuration that already serves makes a new fleet of it; names
 * are case-sensitive except at CreateEndpoint; alarms are checked whenever something is called.
 */
export class SageMakerCore {
  readonly endpoints = new Map<string, StoredEndpoint>()
  /** May be changed at any time. */
  limits: Limits
  readonly #options: CoreOptions
  readonly #world: World
  readonly #tags = new Tagged()
  readonly #definitions: Definitions
  #fleets = 0

  constructor(options: CoreOptions) {
    this.#options = options
    this.limits = { ...UNLIMITED, ...options.limits }
    this.#definitions = new Definitions({ tags: this.#tags, now: () => options.now(), limits: () => this.limits })
    this.#world = {
      now: () => options.now(),
      launch: (fleet) => options.launch(fleet),
      retire: (fleet) => options.retire(fleet),
      alarmState: (name) => options.alarmState(name),
      rollbackFails: (endpoint) => options.rollbackFails?.(endpoint) ?? false,
      durations: { ...DURATIONS, ...options.durations },
    }
  }

  /**
   * One call of the API, by the operation's name, with its input and output. Times are `Date`s.
   * @throws {ServiceError}
   */
  call(operation: string, input: unknown): object {
    const carryOut = this.#operations[operation] ?? this.#definitions.operations[operation]
    if (carryOut === undefined)
      throw new ServiceError(
        'UnknownOperationException',
        `${operation} is not implemented by this stand-in of SageMaker.`,
      )
    this.advance()
    return carryOut(input)
  }

  get models(): ReadonlyMap<string, StoredModel> {
    return this.#definitions.models
  }

  get configs(): ReadonlyMap<string, StoredConfig> {
    return this.#definitions.configs
  }

  /** Does what has become due. */
  advance(): void {
    for (const endpoint of this.endpoints.values()) {
      let done = step(endpoint, this.#world, this.#changed)
      while (done === true) done = step(endpoint, this.#world, this.#changed)
      if (done === 'gone') {
        this.endpoints.delete(endpoint.name)
        this.#tags.remove(endpoint.arn)
      }
    }
  }

  /**
   * The fleets that serve an endpoint, with their shares of the traffic.
   * @throws {ServiceError} a ValidationError, as in sagemaker-runtime
   */
  serving(name: string): readonly Fleet[] {
    this.advance()
    const endpoint = this.endpoints.get(name)
    const fleets = endpoint === undefined ? [] : serving(endpoint)
    if (fleets.length === 0)
      throw new ServiceError('ValidationError', `Endpoint ${name} of account ${ACCOUNT} not found.`)
    return fleets
  }

  /** Changes the number of instances, as autoscaling would. */
  setInstances(name: string, count: number): void {
    this.advance()
    const { blue } = this.#endpoint(name)
    if (blue === undefined) throw new Error(`endpoint ${name} has no instances`)
    blue.instances = count
  }

  readonly #changed = (endpoint: StoredEndpoint, at: number, what: 'status' | 'deployment'): void =>
    this.#options.onEvent?.(eventOf(what === 'status' ? 'State' : 'Deployment State', endpoint, at))

  readonly #operations: Readonly<Record<string, (input: unknown) => object>> = {
    CreateEndpoint: (input) => this.#createEndpoint(input),
    DescribeEndpoint: (input) => viewEndpoint(this.#endpoint(requests.parse(requests.endpointRef, input).EndpointName)),
    UpdateEndpoint: (input) => this.#updateEndpoint(requests.parse(requests.updateEndpoint, input)),
    DeleteEndpoint: (input) => this.#deleteEndpoint(requests.parse(requests.endpointRef, input).EndpointName),
    ListEndpoints: (input) => {
      const { StatusEquals: status, ...rest } = requests.parse(requests.listEndpoints, input)
      const all = [...this.endpoints.values()].filter((each) => status === undefined || each.status === status)
      const found = page(rest, all, (each) => each.name)
      return { Endpoints: found.items.map(summary), ...found.next }
    },
    AddTags: (input) => {
      const { ResourceArn, Tags } = requests.parse(requests.addTags, input)
      return { Tags: this.#tags.add(ResourceArn, Tags) }
    },
    ListTags: (input) => ({ Tags: this.#tags.of(requests.parse(requests.listTags, input).ResourceArn) }),
    DeleteTags: (input) => {
      const { ResourceArn, TagKeys } = requests.parse(requests.deleteTags, input)
      this.#tags.delete(ResourceArn, TagKeys)
      return {}
    },
  }

  #createEndpoint(given: unknown): object {
    const { EndpointName: name, EndpointConfigName, Tags = [] } = requests.parse(requests.createEndpoint, given)
    const arn = endpointArn(name)
    if ([...this.endpoints.keys()].some((each) => each.toLowerCase() === name.toLowerCase()))
      throw invalid(`Cannot create already existing endpoint "${arn}".`)
    const config = this.#definitions.config(EndpointConfigName)
    within(this.limits, 'endpoints', 'Total number of endpoints', this.endpoints.size, 1)
    const now = this.#options.now()
    const endpoint: StoredEndpoint = {
      name,
      arn,
      created: now,
      modified: now,
      status: 'Creating',
      config: EndpointConfigName,
      blue: this.#fleet(name, config, initialInstances(config.variant)),
      tags: this.#tags.create(arn, Tags),
      work: { kind: 'create', due: now + this.#world.durations.provision },
    }
    this.endpoints.set(name, endpoint)
    become(endpoint, 'Creating', now, this.#changed)
    return { EndpointArn: arn }
  }

  #updateEndpoint(input: requests.UpdateInput): object {
    const endpoint = this.#idle(input.EndpointName)
    const { blue } = endpoint
    if (endpoint.status === 'Failed' || blue === undefined)
      throw invalid(`Cannot update endpoint "${endpoint.arn}" in status Failed. It can only be deleted.`)
    const config = this.#definitions.config(input.EndpointConfigName)
    // Both must exist (CreateEndpoint's API reference; hashicorp/terraform-provider-aws#49020).
    this.#definitions.config(endpoint.config)
    const sameVariant = blue.config.variant.VariantName === config.variant.VariantName
    const isServerless = config.variant.ServerlessConfig !== undefined
    if (isServerless && blue.config.variant.ServerlessConfig === undefined)
      throw invalid(`Cannot update endpoint "${endpoint.arn}" from instances to a serverless configuration.`)
    const changesType = blue.config.variant.InstanceType !== config.variant.InstanceType
    // SageMaker developer guide, "Update endpoints that use auto scaling".
    if (changesType && this.#options.isScaled?.(endpoint.name, blue.config.variant.VariantName) === true)
      throw invalid(
        `Cannot update endpoint "${endpoint.arn}" to another instance type while its variant is a scalable target. Deregister it first.`,
      )
    const given = input.RetainDeploymentConfig === true ? endpoint.lastDeployment : input.DeploymentConfig
    if (isServerless && given !== undefined)
      throw invalid('DeploymentConfig is not supported for serverless endpoints.')
    const excluded = (input.ExcludeRetainedVariantProperties ?? []).map(({ VariantPropertyType: type }) => type)
    if (excluded.includes('DataCaptureConfig'))
      throw invalid('VariantPropertyType DataCaptureConfig is not currently supported.')
    const retains = input.RetainAllVariantProperties === true && !excluded.includes('DesiredInstanceCount')
    const first = initialInstances(config.variant)
    const count = retains && sameVariant && first > 0 && blue.instances > 0 ? blue.instances : first
    const plan = planOf(given, Math.max(count, 1), this.#options.scale ?? 1)
    const now = this.#options.now()
    const green = this.#fleet(endpoint.name, config, count)
    // The old fleet that a failed rollback left behind.
    if (endpoint.green !== undefined) this.#world.retire(endpoint.green)
    blue.traffic = 100
    endpoint.green = green
    endpoint.lastDeployment = given
    endpoint.failure = undefined
    endpoint.work = {
      kind: 'update',
      due: now + this.#world.durations.provision,
      began: now,
      // Another variant cannot replace this one step by step: all at once, without a bake (exclusions of the guardrails).
      plan: sameVariant ? plan : { ...plan, kind: 'blue-green', steps: [{ percent: 100, wait: 0 }], finalBake: 0 },
      step: -1,
      begun: false,
    }
    become(endpoint, 'Updating', now, this.#changed)
    this.#changed(endpoint, now, 'deployment')
    return { EndpointArn: endpoint.arn }
  }

  #deleteEndpoint(name: string): object {
    const endpoint = this.#idle(name)
    const now = this.#options.now()
    endpoint.work = { kind: 'delete', due: now + this.#world.durations.delete }
    become(endpoint, 'Deleting', now, this.#changed)
    return {}
  }

  #fleet(endpoint: string, config: StoredConfig, instances: number): Fleet {
    const used = [...this.endpoints.values()]
      .flatMap(({ blue, green }) => [blue?.instances ?? 0, green?.instances ?? 0])
      .reduce((sum, count) => sum + count, 0)
    const type = config.variant.InstanceType ?? 'serverless'
    within(this.limits, 'instances', `${type} for endpoint usage`, used, instances)
    this.#fleets += 1
    const model = this.#definitions.model(config.variant.ModelName)
    return { id: this.#fleets, endpoint, config, model, instances, traffic: 0 }
  }

  #endpoint(name: string): StoredEndpoint {
    return this.endpoints.get(name) ?? missing(`Could not find endpoint "${endpointArn(name)}".`)
  }

  #idle(name: string): StoredEndpoint {
    const endpoint = this.#endpoint(name)
    if (isBusy(endpoint)) throw invalid(`Cannot update in-progress endpoint "${endpoint.arn}".`)
    return endpoint
  }
}

const endpointArn = (name: string): string => `${ARN}:endpoint/${name.toLowerCase()}`
