import { type Call, refuse } from '../http/answer.js';
import { type Person, type Project } from '../model.js';
import { type World } from '../world.js';

/** Who calls, by a personal access token or a running job's token. Throws the Refusal 401 for nobody. */
export function personOf(world: World, call: Call): Person {
  const header = call.headers['private-token'];
  const bearer = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  const token = typeof header === 'string' ? header : bearer;
  const person = token === undefined ? undefined : world.tokens.get(token);
  if (person) return person;
  const jobToken = call.headers['job-token'];
  const job = world.jobs.find((each) => each.token === jobToken && each.state === 'running');
  if (!job) throw refuse(401);
  return job.pipeline.user;
}

/** The project by its number or its path. Throws the Refusal 404, also for one that this person may not see. */
export function projectOf(world: World, call: Call, person: Person): Project {
  const id = call.params['project'];
  const project = world.projects.find((each) => String(each.id) === id || each.path === id);
  if (!project || !project.members.has(person.id)) throw refuse(404, '404 Project Not Found');
  return project;
}
