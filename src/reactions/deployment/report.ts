import { reasonText } from '../../errors.ts'
import type { Model } from '../../lake/lake.ts'
import { type Registry, TAG_PREFIX } from '../../registry/registry.ts'

/**
 * - `deploying`: it is on its way.
 * - `deployed`: it serves.
 * - `replaced`: it served, and is kept ready.
 * - `rolled-back`: it did not get into service, or was taken out of it.
 * - `refused`: it cannot be deployed as it is.
 */
export type Progress = 'deploying' | 'deployed' | 'replaced' | 'rolled-back' | 'refused'

/**
 * Writes onto the model version what became of it, where whoever promoted it looks: tags that begin with
 * `landfall.ENDPOINT.`, one set for each endpoint, since a version may be on its way to several.
 *
 * @param at ms since the epoch
 */
export async function report(
  { registered, endpoint }: Model,
  version: string,
  progress: Progress,
  detail: { readonly config?: string; readonly reason?: string },
  registry: Pick<Registry, 'tag'>,
  at: number,
): Promise<void> {
  const tag = (name: string) => `${TAG_PREFIX}${endpoint.name}.${name}`
  await registry.tag(registered, version, {
    [tag('status')]: progress,
    [tag('at')]: new Date(at).toISOString(),
    ...(detail.config === undefined ? {} : { [tag('config')]: detail.config }),
    // Written even when there is none: an older one would be taken for this one's.
    [tag('reason')]: reasonText(detail.reason ?? ''),
  })
}
