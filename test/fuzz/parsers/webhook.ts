import { databricksSigned, mlflowSigned } from '../../intake/webhook/signed.ts'
import { NOW, recorded, SECRET, webhookWorld } from '../../intake/webhook/world.ts'
import type { Bomb, Parser, Seed } from '../parser.ts'
import { text } from './fixtures.ts'

/** The source, and whether the changed body has a valid signature. */
const MLFLOW = '/registries/main'
const WORKSPACE = '/registries/workspace'
const FORGED = `forged ${MLFLOW}`

const tagged = JSON.stringify({
  event: 'MODEL_VERSION_TAG_SET',
  event_timestamp: NOW,
  model_name: 'churn',
  version: '3',
  tags: [{ key: 'a', value: 'b' }],
})
const bodies = recorded('deliveries').map(({ body }) => body)
const seeds: Seed[] = [
  ...bodies.map((body, at) => ({ name: `of MLflow, ${at}`, bytes: text(body), place: MLFLOW, answer: '204' })),
  { name: 'of Databricks', bytes: text(tagged), place: WORKSPACE, answer: '204' },
  { name: 'forged', bytes: text(bodies[0]!), place: FORGED, answer: '401' },
]

const MB = 1_000_000
const bomb = (name: string, make: () => string, answer = '400', place = MLFLOW): Bomb => ({
  name,
  place,
  make: () => text(make()),
  answers: [answer],
})

/** Genuine bodies are 204 or 400, and 401 where the time in a body of Databricks is changed; a forged one is 401. */
export const webhook: Parser = {
  name: 'webhook',
  lambda: 'webhook',
  seeds,
  answers: ['204', '400', '401'],
  async run(input, place) {
    const path = place.replace('forged ', '')
    const secret = path === place ? SECRET : 'of a stranger'
    const headers =
      path === WORKSPACE ? databricksSigned(input, secret) : mlflowSigned(input, { id: 'a', at: NOW / 1000, secret })
    return String(await webhookWorld().deliver(headers, input, path))
  },
  bombs: [
    bomb('a MB of brackets', () => '['.repeat(MB)),
    bomb('half a MB of nested lists', () => '['.repeat(MB / 2) + ']'.repeat(MB / 2)),
    bomb(
      'nested data',
      () => `{"entity":"model_version","action":"a","data":${'{"a":'.repeat(150_000)}0${'}'.repeat(150_000)}}`,
    ),
    bomb('300,000 empty objects', () => `[${'{},'.repeat(MB / 3 - 10)}{}]`),
    bomb(
      'a name of a MB',
      () => `{"entity":"model_version","action":"a","data":{"name":"${'x'.repeat(MB - 100)}"}}`,
      '204',
    ),
    bomb('more than the limit', () => ' '.repeat(MB + 1), '401'),
    bomb('20 MB', () => '['.repeat(20 * MB), '401'),
    bomb('a MB of a stranger', () => '['.repeat(MB), '401', FORGED),
    bomb(
      'many tags',
      () =>
        `{"event":"MODEL_VERSION_TAG_SET","event_timestamp":${NOW},"model_name":"churn","tags":[${'{"key":"landfall."},'.repeat(45_000)}{"key":"a"}]}`,
      '400',
      WORKSPACE,
    ),
    bomb('nothing', () => ''),
  ],
}
