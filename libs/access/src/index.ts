export * from './access.js';
export { houseTokens, type HouseTokens } from './house-token.js';
export { type Identity, isKnownToProvider, isPerson, type Role, type SignInWay } from './identity.js';
export { sealedJson, type SealedJson } from './sealed-json.js';
export { IssuerKeys, type IssuerOptions } from './issuer-keys.js';
