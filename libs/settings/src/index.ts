export { globMatcher } from './glob.js';
export { checkSlipwayFile, loadSlipwayFile, parseSlipwayFile } from './loading/load-slipway-file.js';
export { didYouMean } from './loading/suggestion.js';
export { compileImageRules, type NamedImage } from './match-image-rules.js';
export { publicationId, type PublicationIdentity } from './publication-id.js';
export { resolveSecret, secretName } from './secret-reference.js';
export { type SettingsCopy, type SettingsSource, settingsSource } from './settings-source.js';
export { slipwayFile, type SlipwayFile } from './slipway-file.js';
export { schemaProblems } from './loading/schema-problems.js';
