/** What a request sends: its credentials, and the rest. Nobody has to name them, so that no client can forget to. */
import type { HttpRequest } from './http.ts'

interface Sent {
  readonly credentials: readonly string[]
  /** What the request says openly: its address, and what else is no credential. */
  readonly open: string
}

/** Names of headers, of keys in a body and of keys in a secret that hold credentials. */
const SECRET =
  /authorization|cookie|secret|passw|passphrase|credential|signature|(?:api|private|access|encryption|signing)[_-]?key|^webhook$|^(?:[\w-]+[_-])?(?:access|refresh|auth|bearer|id|security|session)[_-]token$|^token$/i

export function sentWith(url: string, { headers, body = '', secrets = [] }: HttpRequest): Sent {
  const { credentials, open } = bodyParts(body)
  const query = partsOf(Object.fromEntries(URL.parse(url)?.searchParams ?? []))
  const named = Object.entries(headers)
  const secretHeaders = named.filter(([name]) => SECRET.test(name))
  const openHeaders = named.filter((each) => !secretHeaders.includes(each))
  return {
    credentials: [
      ...secrets,
      ...credentials,
      ...query.credentials,
      ...secretHeaders.flatMap(([, value]) => inHeader(value)),
      ...inAddress(url),
    ],
    open: [addressOf(url), ...query.open, ...openHeaders.flat(), ...open].join('\n'),
  }
}

/** The credentials in a value as JSON has it: texts under keys that say so, however deep. */
export function credentialsIn(value: unknown): string[] {
  return partsOf(value).credentials
}

/** An address for messages: without user and password, query and fragment. */
export function addressOf(url: string): string {
  const { protocol, host, pathname } = URL.parse(url) ?? {}
  return protocol === undefined ? 'an address that is none' : `${protocol}//${host}${pathname}`
}

function inAddress(url: string): string[] {
  const { username = '', password = '' } = URL.parse(url) ?? {}
  return password === '' ? [] : [password, `${username}:${password}`].map(decodeURIComponent)
}

/** `Bearer TOKEN`, `Basic BASE64`, `NAME Credential=…, Signature=…`: also the parts that are secret by themselves. */
function inHeader(value: string): string[] {
  const [, scheme = '', text = value] = /^([\w-]+) +(.*)$/s.exec(value) ?? []
  if (scheme.toLowerCase() === 'basic') {
    const pair = Buffer.from(text, 'base64').toString('utf8')
    return [text, pair, pair.slice(pair.indexOf(':') + 1)]
  }
  const signature = /\bSignature=(\w+)/.exec(text)?.[1]
  return signature === undefined ? [text] : [signature]
}

interface Parts {
  readonly credentials: string[]
  readonly open: string[]
}

function bodyParts(body: string): Parts {
  if (body === '') return { credentials: [], open: [] }
  try {
    return partsOf(JSON.parse(body))
  } catch {
    return partsOf(Object.fromEntries(new URLSearchParams(body)))
  }
}

function partsOf(value: unknown): Parts {
  const parts: Parts = { credentials: [], open: [] }
  const walk = (each: unknown, secret: boolean): void => {
    if (typeof each === 'string') (secret ? parts.credentials : parts.open).push(each)
    else if (Array.isArray(each)) for (const item of each) walk(item, secret)
    else if (typeof each === 'object' && each !== null)
      for (const [name, inner] of Object.entries(each)) walk(inner, secret || SECRET.test(name))
  }
  walk(value, false)
  return parts
}
