import { Refused } from '../../src/core/refused.ts'
import { locationUri } from '../../src/lake/lake.ts'
import type { Model } from '../../src/reactions/deployment/settings.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'
import type { Artifacts } from '../../src/reactions/deployment/ports.ts'
import type { Registry, Version } from '../../src/registry/ports.ts'
import { diagnoseFailure, type Diagnosis, note, ok, problem } from './diagnosis.ts'

interface ModelPorts {
  readonly registry: Pick<Registry, 'promoted' | 'artifacts'>
  readonly artifacts: Pick<Artifacts, 'inspect'>
  /** Whether the registry has a model of this name, with or without versions. */
  hasModel(registered: string): Promise<boolean>
}

/** Whether the promoted version can be found, read and deployed, and how promotions are detected. */
export async function diagnoseModel(model: Model, settings: RegistrySettings, ports: ModelPorts): Promise<Diagnosis[]> {
  return [...stageNote(model, settings), await diagnoseVersion(model, settings, ports)]
}

async function diagnoseVersion(model: Model, settings: RegistrySettings, ports: ModelPorts): Promise<Diagnosis> {
  const { registered } = model
  try {
    const version = await ports.registry.promoted(registered, model.promote)
    if (version !== undefined) return await diagnoseArtifacts(model, version, ports)
    if (await ports.hasModel(registered))
      return note(
        'not-promoted',
        `no version of ${registered} has ${markOf(model)}; nothing to deploy`,
        'Promote a version in the registry.',
      )
    return problem(
      'no-model',
      `the registry has no model ${registered}`,
      `Register it, or correct models.${model.name}.model in lake.yml.`,
    )
  } catch (error) {
    return diagnoseFailure(error, settings)
  }
}

/** SageMaker reads artifacts from S3: where the registry says, or where lake.yml maps that to. */
async function diagnoseArtifacts(model: Model, { version, status }: Version, ports: ModelPorts): Promise<Diagnosis> {
  const name = `version ${version} of ${model.registered}`
  if (status === 'failed')
    return problem(
      'version-failed',
      `${name} has ${markOf(model)}, but its registration failed`,
      'Register it again, and promote the new version.',
    )
  const folder = await ports.registry.artifacts(model.registered, version)
  try {
    await ports.artifacts.inspect(folder, model.package === undefined)
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'no-artifacts') throw error
    return problem(
      'artifacts-not-there',
      `the artifacts of ${name} are not in ${locationUri(folder)}: ${error.message}`,
      `Set registries.${model.registry}.artifacts to where the server keeps its artifacts: its --artifacts-destination.`,
    )
  }
  return ok('model', `${name} has ${markOf(model)}; its artifacts are in ${locationUri(folder)}`)
}

function stageNote({ registered, promote }: Model, { kind }: RegistrySettings): Diagnosis[] {
  if (kind !== 'mlflow' || !('stage' in promote)) return []
  return [
    note(
      'stages-unheard',
      `MLflow sends no event when a version changes its stage; the sweep detects that ${registered} moved to ${promote.stage} within 15 minutes`,
      'Promote by alias for an immediate deployment: promote: { alias: champion }.',
    ),
  ]
}

function markOf({ promote }: Model): string {
  if ('alias' in promote) return `the alias ${promote.alias}`
  return 'stage' in promote ? `the stage ${promote.stage}` : `the tag ${promote.tag.key}=${promote.tag.value}`
}
