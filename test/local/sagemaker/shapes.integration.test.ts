import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import * as requests from '../../../local/sagemaker/core/requests.ts'

/** A shape in botocore's model of an API. */
interface Shape {
  readonly type: string
  readonly required?: readonly string[]
  readonly members?: Readonly<Record<string, { readonly shape: string }>>
  readonly member?: { readonly shape: string }
  readonly min?: number
  readonly max?: number
  readonly enum?: readonly string[]
}

/** The parts of JSON Schema that zod writes for our requests. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
}

const lib = join(import.meta.dirname, '../../../.venv/lib')
const [python = ''] = readdirSync(lib).filter((name) => name.startsWith('python3'))
const file = join(lib, python, 'site-packages/botocore/data/sagemaker/2017-07-24/service-2.json.gz')
const { shapes } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { shapes: Record<string, Shape> }

test.each([
  ['CreateModelInput', requests.createModel],
  ['CreateEndpointConfigInput', requests.createConfig],
  ['CreateEndpointInput', requests.createEndpoint],
  ['UpdateEndpointInput', requests.updateEndpoint],
  ['AddTagsInput', requests.addTags],
  ['DeleteTagsInput', requests.deleteTags],
])("%s: the stand-in accepts nothing that SageMaker's API rejects", (name, schema) => {
  // As output, members with defaults would be required.
  const looser = loose(name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema, '')
  expect(looser).toEqual([])
})

/** Every path at which our schema accepts more than the API. */
function loose(name: string, ours: Schema, path: string): string[] {
  const shape = shapes[name]
  if (shape === undefined) return [`${path}: no shape ${name}`]
  const found: string[] = []
  const bound = (what: string, theirs: number | undefined, our: number | undefined, isLess: boolean): void => {
    if (theirs === undefined || theirs === 0) return
    if (our === undefined || (isLess ? our < theirs : our > theirs))
      found.push(`${path}: ${what} ${our}, not ${theirs}`)
  }
  if (shape.type === 'string' && shape.enum === undefined && ours.enum === undefined) {
    bound('shortest', shape.min, ours.minLength, true)
    bound('longest', shape.max, ours.maxLength, false)
  }
  if (shape.enum !== undefined && ours.enum !== undefined)
    for (const each of ours.enum) if (!shape.enum.includes(each)) found.push(`${path}: takes ${each}`)
  if (shape.type === 'integer') {
    bound('least', shape.min, ours.minimum, true)
    bound('most', shape.max, ours.maximum, false)
  }
  if (shape.type === 'list' && shape.member !== undefined) {
    bound('fewest', shape.min, ours.minItems, true)
    bound('most', shape.max, ours.maxItems, false)
    if (ours.items !== undefined) found.push(...loose(shape.member.shape, ours.items, `${path}[]`))
  }
  if (shape.type !== 'structure') return found
  for (const each of shape.required ?? [])
    if (!ours.required?.includes(each)) found.push(`${path}.${each}: may be absent`)
  for (const [each, schema] of Object.entries(ours.properties ?? {})) {
    const member = shape.members?.[each]
    if (member === undefined) found.push(`${path}.${each}: there is none`)
    else found.push(...loose(member.shape, schema, `${path}.${each}`))
  }
  return found
}
