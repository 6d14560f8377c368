import { describe, expect, test } from '@jest/globals'
import { readArguments, wholeNumber } from '../../cli/arguments.ts'
import { UsageError } from '../../cli/command.ts'

const replay = { operands: ['TABLE'], options: { from: { type: 'string' } } } as const
const redrive = { operands: ['[QUEUE]'] } as const

describe('arguments', () => {
  test.each([
    [['flights', 'lakes/prod.yml', '--stage', 'prod'], replay],
    [['--stage=prod', 'lakes/prod.yml', 'flights'], replay],
  ] as const)('a lake file is recognized by its extension in any position: %j', (args, accepted) => {
    expect(readArguments(args, accepted)).toMatchObject({
      operands: ['flights'],
      file: 'lakes/prod.yml',
      stage: 'prod',
      json: false,
    })
  })

  test('an optional operand is not mistaken for the lake file, nor the other way round', () => {
    expect(readArguments(['lake.yml'], redrive)).toMatchObject({ operands: [], file: 'lake.yml' })
    expect(readArguments(['catalog'], redrive)).toMatchObject({ operands: ['catalog'], file: undefined })
    expect(readArguments([], redrive)).toMatchObject({ operands: [], file: undefined })
  })

  test('without operands left, the file may have any name', () => {
    expect(readArguments(['lakes/prod'])).toMatchObject({ operands: [], file: 'lakes/prod' })
    expect(readArguments(['flights', 'lakes/prod'], replay)).toMatchObject({ file: 'lakes/prod' })
  })

  test.each([
    [[], replay, 'TABLE is missing'],
    [['lake.yml'], replay, 'TABLE is missing'],
    [['a', 'b.yml', 'c'], replay, "unexpected argument 'c'"],
    [['a.yml', 'b.yml'], {}, "unexpected argument 'b.yml'"],
    [['a', '--form', '3'], replay, '--form'],
    [['a', '--from'], replay, '--from'],
  ] as const)('%j is a usage error with a specific message', (args, accepted, message) => {
    const call = () => readArguments(args, accepted)
    expect(call).toThrow(UsageError)
    expect(call).toThrow(message)
  })

  test.each(['', '-1', '1.5', '1e3', 'x', undefined, '9'.repeat(16)])('%j is not a whole number', (text) => {
    expect(() => wholeNumber('--from', text)).toThrow(UsageError)
  })
})
