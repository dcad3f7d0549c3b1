import { type Answer, type Call, invalid, jsonBody, optionalText, refuse, required } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { git, noCommit } from '../git/repository.js';
import { type CommitStatus, type JobState, type Person, type Pipeline, type Project } from '../model.js';
import { type World } from '../world.js';
import { personOf, projectOf } from './identity.js';

/** From which states each may be reached, and by which event of GitLab's state machine. */
const transitions: Readonly<Record<string, readonly [string, readonly JobState[]]>> = {
  pending: ['enqueue', ['created', 'skipped', 'manual']],
  running: ['run', ['created', 'pending', 'skipped', 'manual']],
  success: ['success', ['created', 'pending', 'running', 'canceling', 'manual']],
  failed: ['drop', ['created', 'pending', 'running', 'canceling', 'manual']],
  canceled: ['cancel', ['created', 'pending', 'running', 'canceling', 'manual']],
  skipped: ['skip', ['created', 'pending', 'manual']],
};

/** Commit statuses: set by Developers and above, in the order that GitLab's state machine allows; and listed. */
export function statusRoutes(world: World): readonly Route[] {
  return [
    {
      name: 'status',
      method: 'POST',
      pattern: '/api/v4/projects/:project/statuses/:sha',
      handle: async (call) => post(world, call),
    },
    {
      name: 'statuses',
      method: 'GET',
      pattern: '/api/v4/projects/:project/repository/commits/:sha/statuses',
      handle: (call) => {
        const project = projectOf(world, call, personOf(world, call));
        const matching = project.statuses.filter(
          ({ sha, ref, name }) =>
            sha === call.params['sha'] &&
            (call.query.get('ref') ?? ref) === ref &&
            (call.query.get('name') ?? name) === name,
        );
        return { status: 200, body: matching.map((status) => shown(world, status)) };
      },
    },
  ];
}

async function post(world: World, call: Call): Promise<Answer> {
  const person = personOf(world, call);
  const project = projectOf(world, call, person);
  if ((project.members.get(person.id) ?? 0) < 30) throw refuse(403);
  const body = { ...Object.fromEntries(call.query), ...(await jsonBody(call)) };
  const state = required(body, 'state');
  const transition = transitions[state];
  if (!transition) throw invalid('state does not have a valid value');
  const sha = call.params['sha'] ?? '';
  if (!(await isCommit(project, sha))) throw refuse(404, '404 Commit Not Found');
  const pipeline = await pipelineOf(world, project, person, sha, body);
  const name = optionalText(body, 'name') ?? optionalText(body, 'context') ?? 'default';
  const known = project.statuses.find(
    (each) =>
      each.pipelineId === pipeline.id &&
      each.name === name &&
      each.ref === pipeline.ref &&
      each.userId === person.id &&
      (each.status === 'pending' || each.status === 'running'),
  );
  const [event, from] = transition;
  if (known && !from.includes(known.status)) {
    const reason = `Reason(s): Status cannot transition via "${event}"`;
    throw refuse(
      400,
      `400 Bad request - Cannot transition status via :${event} from :${known.status} (${reason})`,
    );
  }
  const status = known ?? makeStatus(world, project, pipeline, name, person);
  if (body['target_url'] !== undefined) status.targetUrl = urlOf(body['target_url']);
  if (body['description'] !== undefined) status.description = textOf(body['description']);
  if (body['coverage'] !== undefined) status.coverage = Number(body['coverage']);
  status.status = state as JobState;
  status.history.push(status.status);
  return { status: 201, body: shown(world, status) };
}

async function isCommit(project: Project, sha: string): Promise<boolean> {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return false;
  return git(project.repository, ['cat-file', '-t', sha]).then(
    (type) => type === 'commit',
    () => false,
  );
}

async function pipelineOf(
  world: World,
  project: Project,
  person: Person,
  sha: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Pipeline> {
  const { pipeline_id: pipelineId } = body;
  const ref = optionalText(body, 'ref');
  const matching = world.pipelines.findLast(
    (each) =>
      each.project === project &&
      each.sha === sha &&
      (ref === undefined || each.ref === ref) &&
      (pipelineId === undefined || each.id === Number(pipelineId)),
  );
  if (matching) return matching;
  if (pipelineId !== undefined) throw refuse(404, '404 Pipeline for pipeline_id, sha and ref Not Found');
  const branch = ref ?? (await branchWith(project, sha));
  if (branch === undefined) throw refuse(404, '404 References for commit Not Found');
  const pipeline: Pipeline = {
    id: world.nextId(),
    iid: world.pipelines.filter((each) => each.project === project).length + 1,
    project,
    ref: branch,
    tag: false,
    sha,
    beforeSha: noCommit(project.objectFormat),
    source: 'external',
    user: person,
    variables: [],
    definitions: [],
  };
  world.pipelines.push(pipeline);
  return pipeline;
}

async function branchWith(project: Project, sha: string): Promise<string | undefined> {
  const names = await git(project.repository, [
    'for-each-ref',
    '--contains',
    sha,
    '--format=%(refname:short)',
    'refs/heads',
  ]);
  return names === '' ? undefined : names.split('\n')[0];
}

function makeStatus(
  world: World,
  project: Project,
  pipeline: Pipeline,
  name: string,
  person: Person,
): CommitStatus {
  const status: CommitStatus = {
    id: world.nextId(),
    pipelineId: pipeline.id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    name,
    userId: person.id,
    status: 'created',
    targetUrl: null,
    description: null,
    coverage: null,
    history: [],
  };
  project.statuses.push(status);
  return status;
}

function urlOf(value: unknown): string {
  const text = String(value);
  if (text.length > 255)
    throw refuse(400, '400 Bad request - {:target_url=>["is too long (maximum is 255 characters)"]}');
  if (!/^https?:\/\//.test(text)) {
    throw refuse(
      400,
      '400 Bad request - {:target_url=>["is blocked: Only allowed schemes are http, https"]}',
    );
  }
  return text;
}

function textOf(value: unknown): string {
  const text = String(value);
  if (text.length > 255)
    throw refuse(400, '400 Bad request - {:description=>["is too long (maximum is 255 characters)"]}');
  return text;
}

function shown(world: World, status: CommitStatus): object {
  const author = world.people.find(({ id }) => id === status.userId);
  return {
    id: status.id,
    sha: status.sha,
    ref: status.ref,
    status: status.status,
    name: status.name,
    target_url: status.targetUrl,
    description: status.description,
    coverage: status.coverage,
    pipeline_id: status.pipelineId,
    allow_failure: false,
    author: { id: author?.id, username: author?.login, name: author?.name, state: 'active' },
  };
}
