import type { Lake } from '../../src/lake/lake.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'
import type { WebhookAdmin } from '../../src/registry/ports.ts'
import type { Io } from '../command.ts'
import type { Waiting } from '../progress.ts'
import { hookName, hookUrl, type WantedHook } from './hooks.ts'

/** What `landfall webhooks` was asked to do, for any of its verbs. */
export interface Task {
  readonly lake: Lake
  readonly chosen: readonly (readonly [string, RegistrySettings])[]
  /** The address that receives webhooks. */
  address(): Promise<string>
  /** The address of `--url`. */
  readonly url: string | undefined
  readonly prune: boolean
  readonly json: boolean
  readonly io: Io
  readonly waiting: Waiting
}

/** The arguments for an advised command about the same registry, stage and address: `main --stage prod`. */
export function sameArguments(registry: string, { lake, url }: Pick<Task, 'lake' | 'url'>): string {
  return `${registry}${url === undefined ? '' : ` --url ${url}`} --stage ${lake.stage}`
}

export function wantedHook(lake: Lake, registry: string, { events }: WebhookAdmin, address: string): WantedHook {
  const ours = Object.keys(lake.registries).map((each) => hookUrl(address, each))
  return { name: hookName(lake), url: hookUrl(address, registry), events, ours }
}
