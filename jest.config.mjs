/** Tests run on what `npm run build` compiled: the code that ships, worker files and spawned services included. */
export default {
  rootDir: '.',
  roots: ['<rootDir>/dist'],
  testEnvironment: 'node',
  testMatch: ['**/*.spec.js'],
  // Jest runs CommonJS: on Node 20 its ES module mode is still experimental. swc turns our output and the ES-only packages into it.
  transform: {
    '\\.js$': [
      '@swc/jest',
      { jsc: { target: 'es2023' }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
    ],
  },
  transformIgnorePatterns: [
    'node_modules/(?!(@nestjs|cookie|content-disposition|file-type|uint8array-extras|strtok3|token-types|@tokenizer|@borewit|zod|@fastify|uid|iterare|load-esm|jose|openid-client|oauth4webapi)/)',
  ],
  globalSetup: '<rootDir>/dist/test/lab/global-setup.js',
  globalTeardown: '<rootDir>/dist/test/lab/global-teardown.js',
  // A guard against hanging, not a measure: a small machine that runs everything at once is slow.
  testTimeout: 180_000,
  maxWorkers: 2,
  // What test files leave behind would slow down those that come after them.
  workerIdleMemoryLimit: '1GB',
};
