import { describe, expect, test } from '@jest/globals'
import type { Images } from '../../../src/reactions/deployment/ports.ts'

export interface ImagesWorld {
  readonly images: Images
  /** A second client of the same images. */
  readonly other: Images
  /** Ends the build in progress: it succeeds, or an operator stops it. */
  end(mlflowVersion: string, build: string, status: 'SUCCEEDED' | 'STOPPED'): Promise<void>
  /** Deletes a container that was built. */
  remove(mlflowVersion: string): Promise<void>
  /** An operator starts a build by hand. */
  start(mlflowVersion: string): Promise<string>
  builds(): Promise<number>
}

/** The contract of every store of MLflow's containers. Each test uses its own versions. */
export function testImages(name: string, make: () => Promise<ImagesWorld>): void {
  const building = async (images: Images, version: string): Promise<string> => {
    const image = await images.find(version)
    if (image.kind !== 'building') throw new Error(`${version} is ${image.kind}`)
    return image.build
  }

  describe(`${name} as a store of containers`, () => {
    test('a missing container is built once, however often it is asked for', async () => {
      const { images, other, builds } = await make()
      const before = await builds()
      const asked = await Promise.all([images, other, images, other].map((one) => building(one, '3.1.0')))
      expect(new Set(asked).size).toBe(1)
      expect(await building(images, '3.1.0')).toBe(asked[0])
      expect(await builds()).toBe(before + 1)
    })

    test('a built container is found by the version as its tag', async () => {
      const { images, end } = await make()
      await end('3.2.0', await building(images, '3.2.0'), 'SUCCEEDED')
      expect(await images.find('3.2.0')).toEqual({
        kind: 'ready',
        uri: expect.stringMatching(/^[^/]+\/[^/:]+:3\.2\.0$/),
      })
    })

    test('builds of two versions are not confused', async () => {
      const { images } = await make()
      expect(await building(images, '3.3.0')).not.toBe(await building(images, '3.3.1'))
    })

    test('a failed build is not repeated until somebody starts it', async () => {
      const { images, end, start, builds } = await make()
      const failed = await building(images, '3.4.0')
      await end('3.4.0', failed, 'STOPPED')
      const before = await builds()
      await expect(images.find('3.4.0')).rejects.toMatchObject({
        code: 'image-build-failed',
        detail: { subject: failed, advice: expect.stringMatching(/start-build .*MLFLOW_VERSION,value=3\.4\.0/) },
      })
      expect(await builds()).toBe(before)
      const restarted = await start('3.4.0')
      expect(await building(images, '3.4.0')).toBe(restarted)
    })

    test('a container that somebody deleted is built again', async () => {
      const { images, end, remove } = await make()
      const first = await building(images, '3.5.0')
      await end('3.5.0', first, 'SUCCEEDED')
      await remove('3.5.0')
      expect(await building(images, '3.5.0')).not.toBe(first)
    })
  })
}
