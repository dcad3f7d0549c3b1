import { randomBytes } from 'node:crypto';
import { type SpawnedService } from '#lab';
import { type Answered, type Asking, askingWith } from './asking.js';
import { registryWorld } from './registry-world.js';

const rounds = 2;
const projects = 8;

// Real: RabbitMQ, PostgreSQL, two copies of the registry.
describe('changes that many make at once', () => {
  let copies: readonly SpawnedService[];
  let asks: readonly Asking[];

  beforeAll(async () => {
    const world = await registryWorld(import.meta.url);
    copies = await Promise.all([world.start(), world.start()]);
    const [first] = copies;
    if (!first) throw new Error('no copy');
    const key = await world.adminKey(first);
    asks = copies.map(({ url }) => askingWith(url, key));
  }, 180_000);
  afterAll(() => Promise.all(copies.map((copy) => copy.kill('SIGKILL'))));

  it('wait for one another, and none is told to come again', async () => {
    const refused: string[] = [];
    let asked = 0;
    const ask = async (...request: Parameters<Asking>): Promise<Answered> => {
      asked += 1;
      const asking = asks[asked % asks.length] as Asking;
      const answer = await asking(...request);
      if (answer.status >= 500) refused.push(`${request[0]} ${request[1]}: ${answer.status} ${answer.text}`);
      return answer;
    };
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const numbers = Array.from({ length: projects }, (_, n) => n);
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(
        numbers.map(async (n) => {
          const name = `p${round}-${n}`;
          const key = { 'idempotency-key': `${name}-key` };
          const project = {
            name,
            url: `https://git.example.org/atlas/${name}`,
            gitlabId: round * 100 + n + 1,
          };
          await Promise.all([
            ask('POST', '/api/v1/projects', project, key),
            ask('POST', '/api/v1/projects', project, key),
          ]);
          const credential = { name: `c-${name}`, type: 'webhook-secret', secret, project: name };
          const target = {
            url: `https://receiver.example.org/${name}`,
            events: ['#'],
            credential: credential.name,
          };
          await ask('POST', '/api/v1/credentials', credential);
          await Promise.all([
            ask('POST', '/api/v1/subscriptions', { name: `s-${name}`, project: name, ...target }),
            ask(
              'PUT',
              `/api/v1/projects/${name}`,
              { ...project, description: 'changed' },
              { 'if-match': '*' },
            ),
            ask('POST', `/api/v1/credentials/${credential.name}/rotate`, { secret }),
            ask('GET', `/api/v1/credentials/${credential.name}`),
          ]);
          await Promise.all([
            ask('DELETE', `/api/v1/subscriptions/s-${name}`, undefined, { 'if-match': '*' }),
            ask('DELETE', `/api/v1/credentials/${credential.name}`, undefined, { 'if-match': '*' }),
          ]);
        }),
      );
    }
    expect(asked).toBe(rounds * projects * 9);
    expect(refused).toEqual([]);
    for (const copy of copies) {
      expect(copy.logs().filter((line) => /"level":"(?:error|warn)"/.test(line))).toEqual([]);
    }
  }, 240_000);
});
