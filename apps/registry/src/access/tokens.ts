/** Injection token of what `GET /sign-in` answers. */
export const SIGN_IN_METHODS = Symbol('registry:sign-in-methods');

/** Injection token of the `SignIn`; undefined without a provider. */
export const SIGN_IN = Symbol('registry:sign-in');

/** Injection token of the `KeyRing`. */
export const KEY_RING = Symbol('registry:key-ring');
