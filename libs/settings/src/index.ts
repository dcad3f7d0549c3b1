export { glob, globMatcher } from './glob.js';
export { loadSlipwayFile, parseSlipwayFile } from './loading/load-slipway-file.js';
export { compileImageRules, matchImageRules, type NamedImage } from './match-image-rules.js';
export { byteSize, duration, parseBytes, parseDuration } from './quantity.js';
export {
  cvmfsDriverKinds,
  type CvmfsRepositorySettings,
  defaultBindPoints,
} from './schema/cvmfs-repository.schema.js';
export type { ImageRule } from './schema/image-rule.schema.js';
export type { RegistrySettings } from './schema/registry.schema.js';
export { slipwayFile, type SlipwayFile } from './schema/slipway-file.schema.js';
export { type SourceKind, sourceKinds, type SourceSettings } from './schema/source.schema.js';
export { resolveSecret, secretName, secretReference, type SecretReference } from './secret-reference.js';
