/** Injection token of what takes the grid's news in. */
export const GRID_NEWS = Symbol('gitlab-bridge:grid-news');
/** Injection token of what takes in how work on commits goes. */
export const STATUSES = Symbol('gitlab-bridge:statuses');
