export {
  pageOf,
  pageQuery,
  resourceQuery,
  time,
  type Page,
  type PageQuery,
  type ResourceQuery,
} from './page.js';
export { issue, problem, problemType, type Issue, type Problem } from './problem.js';
export { representationFields, representationOf, type Representation } from './representation.js';
