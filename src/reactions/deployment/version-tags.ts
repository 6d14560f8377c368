import { reasonText } from '../../core/refused.ts'
import type { Model } from '../../lake/lake.ts'
import { type Registry, TAG_PREFIX } from '../../registry/ports.ts'
import type { Report } from './state.ts'

/**
 * Writes onto the model version what became of it, where whoever promoted it looks: tags that begin with
 * `landfall.ENDPOINT.`, one set for each endpoint, since a version may be on its way to several.
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
    // Written even when there is none: an older one would be taken for this one's.
    [tag('reason')]: reasonText(reason),
  })
}
