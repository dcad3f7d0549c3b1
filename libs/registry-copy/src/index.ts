export { BACKGROUND_WORK, BackgroundModule, type BackgroundWork } from './background.module.js';
export type { Change, Copied } from './change.js';
export type { CatchUpTiming } from './catch-up.js';
export { copySettings, openCopy, openUsableCopy, REGISTRY_COPY } from './settings.js';
export type { OpenedSecret } from './opened-secrets.js';
export { type Use, Uses } from './uses.js';
export {
  openRegistryCopy,
  type CopyLogger,
  type RegistryCopy,
  type RegistryCopyOptions,
} from './registry-copy.js';
