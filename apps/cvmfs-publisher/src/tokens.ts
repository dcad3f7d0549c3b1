/** Injection token of what turns messages into requests. */
export const INTAKE = Symbol('cvmfs-publisher:intake');
/** Injection token of everything that works in the background. */
export const PUBLISHER = Symbol('cvmfs-publisher:publisher');
