import type { Lake } from '../../lake/lake.ts'
import type { RegistrySettings } from '../../registry/settings.ts'

/** The registries that any model is from. */
export function usedRegistries({ models, registries }: Pick<Lake, 'models' | 'registries'>): RegistrySettings[] {
  const used = new Set(Object.values(models).map(({ registry }) => registry))
  return Object.entries(registries).flatMap(([name, settings]) => (used.has(name) ? [settings] : []))
}
