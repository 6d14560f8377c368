import { reasonText } from '../../core/refused.ts'
import type { Model } from './settings.ts'
import { type Registry, TAG_PREFIX } from '../../registry/ports.ts'
import type { Report } from './state.ts'

/**
 * Tags the model version in the registry with the progress of its deployment. The tags begin with `landfall.ENDPOINT.`: one set
 * per endpoint, since a version may be deployed to several.
 */
export async function tagVersion(
  { endpoint }: Pick<Model, 'endpoint'>,
  { registered, version, progress, config, reason = '', at }: Report,
  registry: Pick<Registry, 'tag'>,
): Promise<void> {
  const tag = (name: string) => `${TAG_PREFIX}${endpoint.name}.${name}`
  await registry.tag(registered, version, {
    [tag('status')]: progress,
    [tag('at')]: new Date(at).toISOString(),
    [tag('config')]: config,
    // Written even if empty, to replace an older reason.
    [tag('reason')]: reasonText(reason),
  })
}
