/** serverless-esbuild's settings: those of infra/bundle/options.ts, in the words of the plugin. */
module.exports = () => {
  const { bundleOptions } = require('./bundle/options.ts')
  return {
    ...bundleOptions,
    // osls's `invoke local` looks for no .mjs; Lambda takes .js for CommonJS.
    outputFileExtension: process.argv[2] === 'invoke' ? '.js' : '.mjs',
    // Nothing is left to the runtime, which brings an SDK of a version of its own.
    external: [],
    exclude: [],
    packager: 'npm',
    // A build context would outlive a build that fails, and the command would never end.
    skipRebuild: true,
    watch: { pattern: ['functions/**/*.ts', 'src/**/*.ts'] },
  }
}
