/** Injection token of the `Ledger`. */
export const LEDGER = Symbol('status-monitor:ledger');
/** Injection token of the `Groups`. */
export const GROUPS = Symbol('status-monitor:groups');
/** Injection token of the `DataSource`. */
export const DATA_SOURCE = Symbol('status-monitor:data-source');
/** Injection token of the `Configured`: the backends and projects as they are now. */
export const CONFIGURED = Symbol('status-monitor:configured');
/** Injection token of the `KeyRing` that opens the tokens of attempts and of the house. */
export const KEY_RING = Symbol('status-monitor:key-ring');
/** Injection token of everything that works in the background. */
export const MONITOR = Symbol('status-monitor:monitor');
