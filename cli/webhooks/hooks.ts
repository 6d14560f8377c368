import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import type { Hook } from '../../src/registry/ports.ts'
import { registryPath } from '../../src/reactions/deployment/webhook.ts'

/** The webhook that a registry should have. */
export interface WantedHook {
  readonly name: string
  readonly url: string
  readonly events: readonly string[]
  /** The addresses of all registries of this lake: several registries may share a server. */
  readonly ours: readonly string[]
}

/** The webhooks of a registry, compared with the wanted one. */
export interface FoundHooks {
  /** The one that delivers to the wanted address; absent where there is none. */
  readonly hook?: Hook
  /** What is wrong with it, as text. */
  readonly faults: readonly string[]
  /** Others that deliver to the same address. */
  readonly duplicates: readonly Hook[]
  /** Webhooks with our name that deliver to an address that is not, or no longer, one of this lake. */
  readonly strays: readonly Hook[]
}

/** MLflow accepts 63 characters of `[a-z0-9._-]`. With lake and stage: several lakes may share a registry. */
export function hookName(lake: Pick<Lake, 'name' | 'stage'>): string {
  return names(lake)
    .stack.toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '-')
    .slice(0, 63)
}

/** The address that a registry's webhook delivers to. `base`: that of the deployed HTTP API. */
export function hookUrl(base: string, registry: string): string {
  return `${base.replace(/\/+$/, '')}${registryPath(registry)}`
}

/** Matches by address, since names are not unique. Of several, one without faults is preferred. */
export function findHooks(hooks: readonly Hook[], { name, url, events, ours }: WantedHook): FoundHooks {
  const faultsOf = (hook: Hook) => faults(hook, events)
  const same = hooks.filter((hook) => hook.url === url)
  const [hook, ...duplicates] = same.toSorted((a, b) => faultsOf(a).length - faultsOf(b).length)
  const strays = hooks.filter((each) => each.name === name && !ours.includes(each.url))
  return { hook, faults: hook === undefined ? [] : faultsOf(hook), duplicates, strays }
}

/** Additional events are harmless. */
function faults({ events, isActive }: Hook, wanted: readonly string[]): string[] {
  const missing = wanted.filter((event) => !events.includes(event))
  return [
    ...(isActive ? [] : ['it is disabled']),
    ...(missing.length === 0 ? [] : [`it lacks the events ${missing.join(', ')}`]),
  ]
}
