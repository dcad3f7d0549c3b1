/** Injection token of what takes the grid's news in. */
export const GRID_NEWS = Symbol('gitlab-bridge:grid-news');
/** Injection token of what takes in how work on commits goes. */
export const STATUSES = Symbol('gitlab-bridge:statuses');
/** Injection token of everything that works in the background. */
export const BRIDGE = Symbol('gitlab-bridge:bridge');
