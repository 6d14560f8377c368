import { checkContainer, checkVariant } from './checks.ts'
import { invalid } from './errors.ts'
import { ARN, type Limits, missing, page, within } from './kept.ts'
import * as requests from './requests.ts'
import type { StoredConfig, StoredModel } from './state.ts'
import type { Tagged } from './tags.ts'
import { viewConfig, viewModel } from './views.ts'

interface Shared {
  readonly tags: Tagged
  now(): number
  limits(): Limits
}

/** Models and endpoint configurations: created and deleted, never changed. */
export class Definitions {
  readonly models = new Map<string, StoredModel>()
  readonly configs = new Map<string, StoredConfig>()
  readonly #shared: Shared

  constructor(shared: Shared) {
    this.#shared = shared
  }

  readonly operations: Readonly<Record<string, (input: unknown) => object>> = {
    CreateModel: (input) => this.#createModel(requests.parse(requests.createModel, input)),
    DescribeModel: (input) => viewModel(this.model(requests.parse(requests.modelRef, input).ModelName)),
    DeleteModel: (input) => {
      const { arn, input: model } = this.model(requests.parse(requests.modelRef, input).ModelName)
      this.models.delete(model.ModelName)
      this.#shared.tags.remove(arn)
      return {}
    },
    ListModels: (input) => {
      const found = page(
        requests.parse(requests.list, input),
        [...this.models.values()],
        (each) => each.input.ModelName,
      )
      const Models = found.items.map(({ input: { ModelName }, arn: ModelArn, created }) => ({
        ModelName,
        ModelArn,
        CreationTime: new Date(created),
      }))
      return { Models, ...found.next }
    },
    CreateEndpointConfig: (input) => this.#createConfig(requests.parse(requests.createConfig, input)),
    DescribeEndpointConfig: (input) =>
      viewConfig(this.config(requests.parse(requests.configRef, input).EndpointConfigName)),
    DeleteEndpointConfig: (input) => {
      const { arn, input: config } = this.config(requests.parse(requests.configRef, input).EndpointConfigName)
      this.configs.delete(config.EndpointConfigName)
      this.#shared.tags.remove(arn)
      return {}
    },
    ListEndpointConfigs: (input) => {
      const found = page(
        requests.parse(requests.list, input),
        [...this.configs.values()],
        (each) => each.input.EndpointConfigName,
      )
      const EndpointConfigs = found.items.map(({ input: { EndpointConfigName }, arn: EndpointConfigArn, created }) => ({
        EndpointConfigName,
        EndpointConfigArn,
        CreationTime: new Date(created),
      }))
      return { EndpointConfigs, ...found.next }
    },
  }

  model(name: string): StoredModel {
    return this.models.get(name) ?? missing(`Could not find model "${ARN}:model/${name}".`)
  }

  config(name: string): StoredConfig {
    const found = this.configs.get(name)
    return found ?? missing(`Could not find endpoint configuration "${ARN}:endpoint-config/${name}".`)
  }

  #createModel(input: requests.ModelInput): object {
    const arn = `${ARN}:model/${input.ModelName}`
    if (this.models.has(input.ModelName)) throw invalid(`Cannot create already existing model "${arn}".`)
    within(this.#shared.limits(), 'models', 'Maximum number of models', this.models.size, 1)
    checkContainer(input)
    this.#shared.tags.create(arn, input.Tags)
    this.models.set(input.ModelName, { input: structuredClone(input), arn, created: this.#shared.now() })
    return { ModelArn: arn }
  }

  #createConfig(input: requests.ConfigInput): object {
    const arn = `${ARN}:endpoint-config/${input.EndpointConfigName}`
    if (this.configs.has(input.EndpointConfigName))
      throw invalid(`Cannot create already existing endpoint configuration "${arn}".`)
    within(this.#shared.limits(), 'configs', 'Maximum number of endpoint configurations', this.configs.size, 1)
    const [variant] = input.ProductionVariants
    if (variant === undefined) throw invalid('ProductionVariants is empty.')
    checkVariant(variant, this.model(variant.ModelName), input.DataCaptureConfig !== undefined)
    this.#shared.tags.create(arn, input.Tags)
    this.configs.set(input.EndpointConfigName, {
      input: structuredClone(input),
      arn,
      created: this.#shared.now(),
      variant: structuredClone(variant),
    })
    return { EndpointConfigArn: arn }
  }
}
