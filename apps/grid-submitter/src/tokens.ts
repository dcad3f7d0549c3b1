/** Injection token of what turns messages into groups and attempts. */
export const INTAKE = Symbol('grid-submitter:intake');
