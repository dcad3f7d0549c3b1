/** Injection token of what turns messages into groups and attempts. */
export const INTAKE = Symbol('grid-submitter:intake');
/** Injection token of everything that works in the background. */
export const SUBMITTER = Symbol('grid-submitter:submitter');
