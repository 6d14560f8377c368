import { invalid, limitExceeded, ServiceError } from './errors.ts'
import { checkArtifacts, checkVariant } from './checks.ts'
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
import { eventOf, summary, viewConfig, viewEndpoint, viewModel, type EndpointEvent } from './views.ts'

export interface CoreOptions extends Omit<World, 'durations' | 'rollbackFails'> {
  /** Of SageMaker's waits, which are seconds: 0.01 makes one of them ten milliseconds. Default: 1. */
  readonly scale?: number
  readonly durations?: Partial<Durations>
  readonly limits?: Partial<Limits>
  onEvent?(event: EndpointEvent): void
  rollbackFails?(endpoint: string): boolean
}

/** Service quotas. `instances`: of all endpoints together, old and new fleets alike. */
export interface Limits {
  readonly endpoints: number
  readonly configs: number
  readonly models: number
  readonly instances: number
}

const REGION = 'us-east-1'
const ACCOUNT = '000000000000'
const PREFIX = `arn:aws:sagemaker:${REGION}:${ACCOUNT}`
const UNLIMITED: Limits = { endpoints: Infinity, configs: Infinity, models: Infinity, instances: Infinity }
const DURATIONS: Durations = { provision: 0, rollback: 0, delete: 0 }
const isBusy = ({ status }: StoredEndpoint): boolean => /^(Creating|Updating|RollingBack|Deleting)$/.test(status)

/**
 * SageMaker's models, endpoint configurations and endpoints, in memory: a machine of states whose time is what `now` says. It
 * does no I/O and waits for nothing: each call first does what has become due, at the time that it was due at.
 *
 * Choices where the API reference is silent: an update to the configuration that is served already makes a new fleet of it;
 * names other than at CreateEndpoint are taken in their case; alarms are looked at whenever something is called.
 */
export class SageMakerCore {
  readonly models = new Map<string, StoredModel>()
  readonly configs = new Map<string, StoredConfig>()
  readonly endpoints = new Map<string, StoredEndpoint>()
  /** May be set anew at any time. */
  limits: Limits
  readonly #options: CoreOptions
  readonly #world: World
  readonly #tags = new Tagged()
  #fleets = 0

  constructor(options: CoreOptions) {
    this.#options = options
    this.limits = { ...UNLIMITED, ...options.limits }
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
   * One call of the API, by the operation's name and with its own input and output; times are `Date`s.
   * @throws {ServiceError}
   */
  call(operation: string, input: unknown): object {
    const carryOut = this.#operations[operation]
    if (carryOut === undefined)
      throw new ServiceError('UnknownOperationException', `SageMaker here does not know ${operation}.`)
    this.advance()
    return carryOut(input)
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
   * The fleets that answer for an endpoint, with their shares of the traffic.
   * @throws {ServiceError} ValidationError, as sagemaker-runtime has it
   */
  serving(name: string): readonly Fleet[] {
    this.advance()
    const endpoint = this.endpoints.get(name)
    const fleets = endpoint === undefined ? [] : serving(endpoint)
    if (fleets.length === 0)
      throw new ServiceError('ValidationError', `Endpoint ${name} of account ${ACCOUNT} not found.`)
    return fleets
  }

  /** What autoscaling does. */
  setInstances(name: string, count: number): void {
    this.advance()
    const { blue } = this.#endpoint(name)
    if (blue === undefined) throw new Error(`endpoint ${name} has no instances`)
    blue.instances = count
  }

  readonly #changed = (endpoint: StoredEndpoint, at: number, what: 'status' | 'deployment'): void =>
    this.#options.onEvent?.(eventOf(what === 'status' ? 'State' : 'Deployment State', endpoint, at))

  readonly #operations: Readonly<Record<string, (input: unknown) => object>> = {
    CreateModel: (input) => this.#createModel(requests.parse(requests.createModel, input)),
    DescribeModel: (input) => viewModel(this.#model(requests.parse(requests.modelRef, input).ModelName)),
    DeleteModel: (input) => {
      const { arn, input: model } = this.#model(requests.parse(requests.modelRef, input).ModelName)
      this.models.delete(model.ModelName)
      this.#tags.remove(arn)
      return {}
    },
    ListModels: (input) => {
      const found = this.#list(input, [...this.models.values()], (each) => each.input.ModelName)
      const Models = found.items.map(({ input: { ModelName }, arn: ModelArn, created }) => ({
        ModelName,
        ModelArn,
        CreationTime: new Date(created),
      }))
      return { Models, ...found.next }
    },
    CreateEndpointConfig: (input) => this.#createConfig(requests.parse(requests.createConfig, input)),
    DescribeEndpointConfig: (input) =>
      viewConfig(this.#config(requests.parse(requests.configRef, input).EndpointConfigName)),
    DeleteEndpointConfig: (input) => {
      const { arn, input: config } = this.#config(requests.parse(requests.configRef, input).EndpointConfigName)
      this.configs.delete(config.EndpointConfigName)
      this.#tags.remove(arn)
      return {}
    },
    ListEndpointConfigs: (input) => {
      const found = this.#list(input, [...this.configs.values()], (each) => each.input.EndpointConfigName)
      const EndpointConfigs = found.items.map(({ input: { EndpointConfigName }, arn: EndpointConfigArn, created }) => ({
        EndpointConfigName,
        EndpointConfigArn,
        CreationTime: new Date(created),
      }))
      return { EndpointConfigs, ...found.next }
    },
    CreateEndpoint: (input) => this.#createEndpoint(input),
    DescribeEndpoint: (input) => viewEndpoint(this.#endpoint(requests.parse(requests.endpointRef, input).EndpointName)),
    UpdateEndpoint: (input) => this.#updateEndpoint(requests.parse(requests.updateEndpoint, input)),
    DeleteEndpoint: (input) => this.#deleteEndpoint(requests.parse(requests.endpointRef, input).EndpointName),
    ListEndpoints: (input) => {
      const { StatusEquals: status } = requests.parse(requests.list, input ?? {})
      const all = [...this.endpoints.values()].filter((each) => status === undefined || each.status === status)
      const found = this.#list(input, all, (each) => each.name)
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

  #createModel(input: requests.ModelInput): object {
    const arn = `${PREFIX}:model/${input.ModelName}`
    if (this.models.has(input.ModelName)) throw invalid(`Cannot create already existing model "${arn}".`)
    this.#within('models', 'Maximum number of models', this.models.size, 1)
    checkArtifacts(input)
    this.models.set(input.ModelName, { input: structuredClone(input), arn, created: this.#options.now() })
    this.#tags.create(arn, input.Tags)
    return { ModelArn: arn }
  }

  #createConfig(input: requests.ConfigInput): object {
    const arn = `${PREFIX}:endpoint-config/${input.EndpointConfigName}`
    if (this.configs.has(input.EndpointConfigName))
      throw invalid(`Cannot create already existing endpoint configuration "${arn}".`)
    this.#within('configs', 'Maximum number of endpoint configurations', this.configs.size, 1)
    const [variant] = input.ProductionVariants
    if (variant === undefined) throw invalid('ProductionVariants is empty.')
    checkVariant(variant, this.#model(variant.ModelName), input.DataCaptureConfig !== undefined)
    this.configs.set(input.EndpointConfigName, {
      input: structuredClone(input),
      arn,
      created: this.#options.now(),
      variant: structuredClone(variant),
    })
    this.#tags.create(arn, input.Tags)
    return { EndpointConfigArn: arn }
  }

  #createEndpoint(given: unknown): object {
    const { EndpointName: name, EndpointConfigName, Tags = [] } = requests.parse(requests.createEndpoint, given)
    const arn = endpointArn(name)
    if ([...this.endpoints.keys()].some((each) => each.toLowerCase() === name.toLowerCase()))
      throw invalid(`Cannot create already existing endpoint "${arn}".`)
    const config = this.#config(EndpointConfigName)
    this.#within('endpoints', 'Total number of endpoints', this.endpoints.size, 1)
    const now = this.#options.now()
    const endpoint: StoredEndpoint = {
      name,
      arn,
      created: now,
      modified: now,
      status: 'Creating',
      config: EndpointConfigName,
      capture: config.input.DataCaptureConfig,
      tags: this.#tags.create(arn, Tags),
      blue: this.#fleet(name, config, initialInstances(config.variant)),
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
    const config = this.#config(input.EndpointConfigName)
    const sameVariant = blue.config.variant.VariantName === config.variant.VariantName
    const isServerless = config.variant.ServerlessConfig !== undefined
    if (isServerless && blue.config.variant.ServerlessConfig === undefined)
      throw invalid(`Cannot update endpoint "${endpoint.arn}" from instances to a serverless configuration.`)
    const given = input.RetainDeploymentConfig === true ? endpoint.lastDeployment : input.DeploymentConfig
    if (isServerless && given !== undefined)
      throw invalid('DeploymentConfig is not supported for serverless endpoints.')
    const excluded = new Set(
      (input.ExcludeRetainedVariantProperties ?? []).map(({ VariantPropertyType: type }) => type),
    )
    const retains = (property: 'DesiredInstanceCount' | 'DataCaptureConfig'): boolean =>
      input.RetainAllVariantProperties === true && !excluded.has(property)
    const first = initialInstances(config.variant)
    const count =
      retains('DesiredInstanceCount') && sameVariant && first > 0 && blue.instances > 0 ? blue.instances : first
    const plan = planOf(given, Math.max(count, 1), this.#options.scale ?? 1)
    const now = this.#options.now()
    // What a rollback that failed left of the fleet before.
    if (endpoint.green !== undefined) this.#world.retire(endpoint.green)
    endpoint.green = undefined
    blue.traffic = 100
    endpoint.green = this.#fleet(endpoint.name, config, count)
    endpoint.lastDeployment = given
    endpoint.failure = undefined
    endpoint.work = {
      kind: 'update',
      due: now + this.#world.durations.provision,
      began: now,
      // Another variant cannot be put in the place of this one bit by bit: all at once, with no bake (exclusions of the guardrails).
      plan: sameVariant ? plan : { ...plan, kind: 'blue-green', steps: [{ percent: 100, wait: 0 }], finalBake: 0 },
      capture: retains('DataCaptureConfig') ? endpoint.capture : config.input.DataCaptureConfig,
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
    this.#within('instances', `${type} for endpoint usage`, used, instances)
    this.#fleets += 1
    const model = this.#model(config.variant.ModelName)
    return { id: this.#fleets, endpoint, config, model, instances, traffic: 0 }
  }

  #within(limit: keyof Limits, quota: string, used: number, delta: number): void {
    if (used + delta > this.limits[limit]) throw limitExceeded(quota, this.limits[limit], used, delta)
  }

  #list<T>(input: unknown, all: readonly T[], nameOf: (each: T) => string): { items: readonly T[]; next: object } {
    const {
      NameContains: part = '',
      MaxResults: most,
      NextToken: from = '0',
    } = requests.parse(requests.list, input ?? {})
    const found = all.filter((each) => nameOf(each).toLowerCase().includes(part.toLowerCase())).toReversed()
    const end = Number(from) + most
    return { items: found.slice(Number(from), end), next: end < found.length ? { NextToken: `${end}` } : {} }
  }

  #model(name: string): StoredModel {
    return this.models.get(name) ?? missing(`Could not find model "${PREFIX}:model/${name}".`)
  }

  #config(name: string): StoredConfig {
    const found = this.configs.get(name)
    return found ?? missing(`Could not find endpoint configuration "${PREFIX}:endpoint-config/${name}".`)
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

const endpointArn = (name: string): string => `${PREFIX}:endpoint/${name.toLowerCase()}`

function missing(message: string): never {
  throw invalid(message)
}
