import { invalid } from './errors.ts'
import type { Tag } from './requests.ts'

/** The tags of models, endpoint configurations and endpoints, by ARN. */
export class Tagged {
  readonly #tags = new Map<string, Tag[]>()

  create(arn: string, tags: readonly Tag[] = []): Tag[] {
    const made = [...tags]
    if (new Set(made.map(({ Key }) => Key)).size < made.length) throw invalid('Duplicate tag keys are not allowed.')
    this.#tags.set(arn, made)
    return made
  }

  remove(arn: string): void {
    this.#tags.delete(arn)
  }

  of(arn: string): Tag[] {
    const found = this.#tags.get(arn)
    if (found === undefined) throw invalid(`Could not find resource "${arn}".`)
    return found
  }

  add(arn: string, added: readonly Tag[]): readonly Tag[] {
    const tags = this.of(arn)
    const keys = new Set(added.map(({ Key }) => Key))
    const kept = tags.filter(({ Key }) => !keys.has(Key))
    if (kept.length + added.length > 50) throw invalid('A resource has at most 50 tags.')
    tags.splice(0, tags.length, ...kept, ...added)
    return tags
  }

  delete(arn: string, keys: readonly string[]): void {
    const tags = this.of(arn)
    tags.splice(0, tags.length, ...tags.filter(({ Key }) => !keys.includes(Key)))
  }
}
