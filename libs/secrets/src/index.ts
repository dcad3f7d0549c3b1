export { fingerprint, lastFour } from './fingerprint.js';
export { openKeyRing, type KeyRing } from './key-ring.js';
