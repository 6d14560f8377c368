import { Refused } from '../../src/core/refused.ts'
import { locationUri, type Model, type RegistrySettings } from '../../src/lake/lake.ts'
import type { Registry, Version } from '../../src/registry/ports.ts'
import type { Artifacts } from '../../src/reactions/deployment/artifacts/artifacts.ts'
import { failureFinding, type Diagnosis, note, ok, problem } from './doctor.ts'

export interface ModelPorts {
  readonly registry: Pick<Registry, 'promoted' | 'artifacts'>
  readonly artifacts: Pick<Artifacts, 'inspect'>
  /** Whether the registry has a model of this name, whatever its versions. */
  hasModel(registered: string): Promise<boolean>
}

/** Of a model: whether what is promoted can be found, read and deployed, and how its promotions are heard of. */
export async function examineModel(model: Model, settings: RegistrySettings, ports: ModelPorts): Promise<Diagnosis[]> {
  const unheard = unheardFinding(model, settings)
  return [...(unheard === undefined ? [] : [unheard]), await versionFinding(model, settings, ports)]
}

async function versionFinding(model: Model, settings: RegistrySettings, ports: ModelPorts): Promise<Diagnosis> {
  const { registered } = model
  try {
    const version = await ports.registry.promoted(registered, model.promote)
    if (version !== undefined) return await artifactsFinding(model, version, ports)
    if (await ports.hasModel(registered))
      return note(
        'not-promoted',
        `no version of ${registered} has ${markOf(model)}: there is nothing to deploy`,
        'Put it onto a version in the registry.',
      )
    return problem(
      'no-model',
      `the registry has no model ${registered}`,
      `Register it, or correct models.${model.name}.model in lake.yml.`,
    )
  } catch (error) {
    return failureFinding(error, settings)
  }
}

/** SageMaker reads them from S3: from where the registry says, or from where lake.yml says that this is. */
async function artifactsFinding(model: Model, { version, status }: Version, ports: ModelPorts): Promise<Diagnosis> {
  const name = `version ${version} of ${model.registered}`
  if (status === 'failed')
    return problem(
      'version-failed',
      `${name} has ${markOf(model)}, and failed to be registered`,
      'Register it again, and move the mark there.',
    )
  const folder = await ports.registry.artifacts(model.registered, version)
  try {
    await ports.artifacts.inspect(folder, model.package === undefined)
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'no-artifacts') throw error
    return problem(
      'artifacts-not-there',
      `${name} is to be in ${locationUri(folder)}, and is not: ${error.message}`,
      `Say in registries.${model.registry}.artifacts where the server keeps its artifacts: its --artifacts-destination.`,
    )
  }
  return ok('model', `${name} has ${markOf(model)}; its artifacts are in ${locationUri(folder)}`)
}

/** What no event is of. */
function unheardFinding({ registered, promote }: Model, { kind }: RegistrySettings): Diagnosis | undefined {
  if (kind === 'mlflow' && 'stage' in promote)
    return note(
      'stages-unheard',
      `MLflow has no event of a stage: that ${registered} was moved to ${promote.stage}, the sweep finds within 15 minutes`,
      'Promote by alias, which is heard at once: promote: { alias: champion }.',
    )
  return undefined
}

function markOf({ promote }: Model): string {
  if ('alias' in promote) return `the alias ${promote.alias}`
  return 'stage' in promote ? `the stage ${promote.stage}` : `the tag ${promote.tag.key}=${promote.tag.value}`
}
