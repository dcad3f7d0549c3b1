import {
  backendResource,
  credentialResource,
  identityMappingResource,
  jobRequest,
  jobSubmit,
  projectResource,
  type JobRequestAsWritten,
} from '#contracts';
import { judge, type Known, type JudgedGroup } from './acceptance.js';

const project = (given: object = {}) =>
  projectResource.schema.parse({
    name: 'higgs',
    url: 'https://gitlab.example.org/a/higgs',
    path: 'a/higgs',
    ...given,
  });
const backend = (given: object = {}) =>
  backendResource.schema.parse({ name: 'pool', kind: 'htcondor', ...given });
const mapping = (given: object) =>
  identityMappingResource.schema.parse({ name: 'of-ada', credential: 'grid', ...given });
const credential = (given: object = {}) =>
  credentialResource.schema.parse({ name: 'grid', type: 'htcondor-idtoken', ...given });

const group = (asked: Partial<JobRequestAsWritten> = {}, more: Partial<JudgedGroup> = {}): JudgedGroup =>
  jobSubmit.schema.parse({
    ...jobRequest.parse({ project: 'higgs', backend: 'pool', script: 'true', ...asked }),
    groupId: '6f1c2a0e-0b8e-4f5a-9d57-0d5c6a3f7a10',
    requestedBy: 'ada',
    requestedAt: '2026-11-22T08:00:00Z',
    ...more,
  });

interface World {
  readonly projects: readonly ReturnType<typeof project>[];
  readonly backends: readonly ReturnType<typeof backend>[];
  readonly identityMappings: Known['identityMappings'];
  readonly credentials: readonly ReturnType<typeof credential>[];
}

const known = (given: Partial<World> = {}): Known => {
  const {
    projects = [project()],
    backends = [backend()],
    identityMappings = [],
    credentials = [credential()],
  } = given;
  return {
    identityMappings,
    project: (name) => projects.find((each) => each.name === name),
    backend: (name) => backends.find((each) => each.name === name),
    credential: (name) => credentials.find((each) => each.name === name),
  };
};

const ada = { user: { name: 'ada', groups: ['atlas', 'atlas/higgs'] } };

describe('whether a group may run', () => {
  it('is yes where its project and backend are known, as the backend’s own where nobody is named', () => {
    expect(judge(group(), known())).toEqual({ accepted: true, backend: 'pool', identity: undefined });
  });

  it('takes the project’s backend where the group names none', () => {
    const projects = [project({ backend: 'pool' })];
    expect(judge(group({ backend: undefined }), known({ projects }))).toMatchObject({ backend: 'pool' });
  });

  it.each([
    ['project.unknown', 'there is no project nobody', group({ project: 'nobody' }), known()],
    ['backend.missing', 'the project higgs has no default', group({ backend: undefined }), known()],
    ['backend.unknown', 'there is no backend nowhere', group({ backend: 'nowhere' }), known()],
    [
      'project.limit_exceeded',
      'cores: a job wants 9; one of project higgs gets 8',
      group({ resources: { cpus: 9 } }),
      known(),
    ],
    [
      'project.limit_exceeded',
      'memory: a job wants 17408 MiB',
      group({ resources: { memory: '17 GiB' } }),
      known(),
    ],
    [
      'project.limit_exceeded',
      'wall-clock time: a job wants 90000 s',
      group({ resources: { wallTime: '25h' } }),
      known(),
    ],
    [
      'backend.command_not_allowed',
      'does not allow a job to set +Owner',
      group({ batch: { '+Owner': 'root' } }),
      known(),
    ],
    ['identity.unmapped', 'as whom ada runs jobs on pool', group({}, ada), known()],
  ])('is no, with words for whom asked: %s', (code, words, asked, world) => {
    const verdict = judge(asked, world);
    expect(verdict).toMatchObject({ accepted: false, code });
    expect(verdict).toHaveProperty('reason', expect.stringContaining(words));
  });

  it('lets a job set the submit commands that its backend allows, in any case', () => {
    const backends = [backend({ allowedSubmitCommands: ['+AccountingGroup'] })];
    expect(judge(group({ batch: { '+accountinggroup': 'x' } }), known({ backends })).accepted).toBe(true);
  });

  it('needs no mapping on the local machine', () => {
    const backends = [backend({ kind: 'local' })];
    expect(judge(group({}, ada), known({ backends }))).toMatchObject({ accepted: true, identity: undefined });
  });
});

describe('as whom a person’s jobs run', () => {
  const judged = (...identityMappings: ReturnType<typeof mapping>[]) =>
    judge(group({}, ada), known({ identityMappings }));

  it.each([
    [
      'their own before their group’s',
      'own',
      [
        { name: 'own', gitlabUser: 'ada' },
        { name: 'group', gitlabGroup: 'atlas' },
      ],
    ],
    [
      'the innermost group’s',
      'inner',
      [
        { name: 'a', gitlabGroup: 'atlas' },
        { name: 'inner', gitlabGroup: 'atlas/higgs' },
      ],
    ],
    [
      'this backend’s before that of all',
      'here',
      [
        { name: 'all', gitlabUser: 'ada' },
        { name: 'here', gitlabUser: 'ada', backend: 'pool' },
      ],
    ],
    [
      'not another backend’s',
      'all',
      [
        { name: 'all', gitlabUser: 'ada' },
        { name: 'there', gitlabUser: 'ada', backend: 'else' },
      ],
    ],
  ])('%s', (_, identity, mappings) => {
    expect(judged(...mappings.map((each) => mapping(each)))).toMatchObject({ accepted: true, identity });
  });

  it('not under a credential that belongs to another project, or to none', () => {
    const identityMappings = [mapping({ gitlabUser: 'ada' })];
    const foreign = known({ identityMappings, credentials: [credential({ project: 'other' })] });
    expect(judge(group({}, ada), foreign)).toMatchObject({ code: 'identity.credential_foreign' });
    const gone = known({ identityMappings, credentials: [] });
    expect(judge(group({}, ada), gone)).toMatchObject({ code: 'identity.credential_missing' });
  });

  it('is no where jobs would have to fetch what others brought back, and have no way to', () => {
    const inputs = [{ path: 'in', outputsOf: { jobId: '6f1c2a0e-0b8e-4f5a-9d57-0d5c6a3f7a11' } }];
    expect(judge(group({ inputs }), known())).toMatchObject({ accepted: true });
    const deaf = known({ backends: [backend({ transfer: 'backend' })] });
    expect(judge(group(), deaf)).toMatchObject({ accepted: true });
    expect(judge(group({ inputs }), deaf)).toMatchObject({ accepted: false, code: 'backend.no_way_out' });
  });
});
