/** Injection token of what turns messages into requests. */
export const INTAKE = Symbol('cvmfs-publisher:intake');
