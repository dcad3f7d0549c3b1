/** Injection token of the `Ledger`. */
export const LEDGER = Symbol('status-monitor:ledger');
/** Injection token of the `Groups`. */
export const GROUPS = Symbol('status-monitor:groups');
/** Injection token of the `DataSource`. */
export const DATA_SOURCE = Symbol('status-monitor:data-source');
/** Injection token of the `Configured`: the backends and projects as they are now. */
export const CONFIGURED = Symbol('status-monitor:configured');
/** Injection token of the `KeyRing` that opens the tokens of attempts and of the house. */
/** Injection token of everything that works in the background. */
export const MONITOR = Symbol('status-monitor:monitor');
/** Injection token of the `LogStore`. */
export const LOGS = Symbol('status-monitor:logs');
/** Injection token of the `OutputStore`. */
export const OUTPUTS = Symbol('status-monitor:outputs');
/** Injection token of the `LogSignals`. */
export const LOG_SIGNALS = Symbol('status-monitor:log-signals');
/** Injection token of the `LogNews`. */
export const LOG_NEWS = Symbol('status-monitor:log-news');
/** Injection token of the `WorkerEdge`. */
export const WORKER_EDGE = Symbol('status-monitor:worker-edge');
/** Injection token of the `HouseAccess`: who asks, and what they may. */
export const ACCESS = Symbol('status-monitor:access');
/** Injection token of the `GroupsReader`. */
export const GROUPS_READER = Symbol('status-monitor:groups-reader');
/** Injection token of the `JobsReader`. */
export const JOBS_READER = Symbol('status-monitor:jobs-reader');
/** Injection token of the `JobReader`. */
export const JOB_READER = Symbol('status-monitor:job-reader');
/** Injection token of the `Wishes`. */
export const WISHES = Symbol('status-monitor:wishes');
/** Injection token of the `TransferCollector`. */
export const COLLECTOR = Symbol('status-monitor:collector');
