import { backendResource, imageRuleResource, projectResource, resources, sourceResource } from '#contracts';
import { type Field, fieldsFor, fieldsOf, labelOf, possiblePart } from '../src/forms/fields.js';
import { conflictsOf, differences, issueAt, issueByName, resolved, withValue } from '../src/forms/values.js';

const named = (fields: readonly Field[], name: string): Field | undefined =>
  fields.find(({ path }) => path.at(-1) === name);

describe('a form', () => {
  it.each(resources.map((resource) => [resource.kind, resource] as const))(
    'of %s has a control for every field, and bare JSON only where none but a plugin knows what it reads',
    (kind, resource) => {
      const all = fieldsOf(resource).flatMap((field) => (field.control === 'group' ? field.fields : [field]));
      expect(all.length).toBeGreaterThan(2);
      const bare = all.filter(({ control }) => control === 'yaml').map(({ path }) => path.join('.'));
      expect(bare).toEqual(kind === 'backend' ? ['options'] : []);
    },
  );

  it('begins with the name, then what must be filled in; what is in groups comes last', () => {
    const fields = fieldsOf(projectResource);
    expect(fields.slice(0, 2).map(({ path }) => path[0])).toEqual(['name', 'url']);
    expect(fields.at(-1)?.control).toBe('group');
  });

  it('knows which fields name others, and where secrets are', () => {
    expect(named(fieldsOf(imageRuleResource), 'cvmfsRepository')).toMatchObject({
      control: 'reference',
      to: 'cvmfs_repository',
      label: 'CVMFS repository',
    });
    expect(named(fieldsOf(sourceResource), 'secrets')?.control).toBe('secrets');
  });

  it.each([
    ['gitlabId', 'GitLab id'],
    ['cvmfs-repositories', 'CVMFS repositories'],
    ['wallTime', 'Wall time'],
    ['url', 'URL'],
  ])('calls %s %s', (name, label) => expect(labelOf(name)).toBe(label));
});

describe('a page', () => {
  const names = (spec: Parameters<typeof fieldsFor>[1]): readonly string[] =>
    fieldsFor(backendResource, spec).map(({ path }) => path.join('.'));
  const common = ['name', 'kind', 'transfer', 'jobs', 'allowedSubmitCommands'];

  it.each([
    ['local', []],
    ['slurm', ['url', 'partition', 'tools', 'directory', 'arraySize', 'credential']],
    ['diracx', ['url', 'credential', 'vo', 'group']],
  ])('of a %s backend has the fields of its kind alone', (kind, own) => {
    expect(names({ name: 'a', kind }).toSorted()).toEqual([...common, ...own].toSorted());
  });

  it('has what is written, also where it is for another kind', () => {
    expect(names({ name: 'a', kind: 'local', vo: 'atlas' })).toContain('vo');
  });

  it('has only what all kinds have where none is chosen yet', () => {
    expect(names({ name: 'a' }).toSorted()).toEqual(common.toSorted());
  });

  it('has every field where the kind of what it shows makes no difference', () => {
    expect(fieldsFor(projectResource, { name: 'a' })).toEqual(fieldsOf(projectResource));
  });
});

describe('what is written', () => {
  it('is sent without what was written for another kind than the chosen one', () => {
    const spec = { name: 'a', kind: 'slurm', partition: 'long', schedd: 'b', url: 'https://s', jobs: 3 };
    const { schedd, ...ofSlurm } = spec;
    expect(possiblePart(backendResource, spec)).toEqual(ofSlurm);
    const ofHtcondor = { name: 'a', kind: 'htcondor', schedd, jobs: 3 };
    expect(possiblePart(backendResource, { ...spec, kind: 'htcondor' })).toEqual(ofHtcondor);
    const project = { name: 'a', limits: { jobs: 1 } };
    expect(possiblePart(projectResource, project)).toEqual(project);
  });

  it('holds nothing that is not set, so that defaults hold', () => {
    const spec = withValue({ name: 'a', limits: { jobs: 3 } }, ['limits', 'jobs'], undefined);
    expect(spec).toEqual({ name: 'a' });
    expect(withValue(spec, ['limits', 'cpus'], 4)).toEqual({ name: 'a', limits: { cpus: 4 } });
  });

  it('is told of at the field, also where something in it is wrong', () => {
    const issues = [{ path: ['tags', 0], message: 'expected a pattern' }];
    expect(issueAt(issues, ['tags'])).toBe('expected a pattern');
    expect(issueAt(issues, ['name'])).toBeUndefined();
  });

  it("is told of with its name where the names in a field are not the form's own", () => {
    const issues = [{ path: ['options', 'queue'], message: 'expected text' }];
    expect(issueByName(issues, ['options'])).toBe('queue: expected text');
    const whole = [{ path: ['options'], message: 'expected fields' }];
    expect(issueByName(whole, ['options'])).toBe('expected fields');
  });

  it('differs field by field; a list, or where a secret is, counts as one value', () => {
    const before = { limits: { jobs: 1, cpus: 2 }, tags: ['a'], password: { env: 'A' } };
    const after = { limits: { cpus: 2, jobs: 3 }, tags: ['a', 'b'], password: { credential: 'b' } };
    expect(differences(before, after)).toEqual([
      { path: ['limits', 'jobs'], before: 1, after: 3 },
      { path: ['tags'], before: ['a'], after: ['a', 'b'] },
      { path: ['password'], before: { env: 'A' }, after: { credential: 'b' } },
    ]);
  });
});

describe('two changes of one version', () => {
  const base = { name: 'a', description: 'was', limits: { jobs: 1 }, owners: ['x'] };
  const mine = { ...base, description: 'mine', limits: { jobs: 2 } };
  const theirs = { ...base, description: 'theirs', owners: ['x', 'y'] };

  it('contest only what both changed', () => {
    const conflicts = conflictsOf(base, mine, theirs);
    expect(conflicts.map(({ path, isContested }) => [path.join('.'), isContested])).toEqual([
      ['description', true],
      ['limits.jobs', false],
      ['owners', false],
    ]);
  });

  it('come together as was chosen', () => {
    const conflicts = conflictsOf(base, mine, theirs);
    const chosen = resolved(theirs, conflicts, (index) => index === 1);
    expect(chosen).toEqual({ ...theirs, limits: { jobs: 2 } });
  });
});
