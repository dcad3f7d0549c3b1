import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnFreePort } from '#embedded';
import { type BatchReport, type Submission, transferredFiles } from '#grid';
import {
  type BackendWorld,
  isOver,
  derivedName,
  gridDeadlineMs,
  sharedSlurm,
  type Slurm,
  whyNoGrid,
} from '#lab';
import { submissionOf } from './conformance.js';
import { slurmWorld, type SlurmWorldOptions, ways } from './slurm-world.js';

const reason = whyNoGrid();
const house = derivedName(import.meta.url, '-');
let slurm: Slurm;

const allowed = { allowedSubmitCommands: ['qos', 'gres', 'constraint'] };

const open = (options: Omit<SlurmWorldOptions, 'house'>): Promise<BackendWorld> =>
  slurmWorld(slurm, { house, ...options, settings: { ...allowed, ...options.settings } });

/** The real slurmrestd, without the versions that an older one does not have. */
async function older(
  url: string,
  missing: readonly string[],
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      if (missing.some((version) => path.includes(version))) {
        response.writeHead(404).end('Unable find requested URL.');
        return;
      }
      const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
      void fetch(new URL(path, url), {
        method: request.method ?? 'GET',
        headers: headers as Record<string, string>,
        ...body,
      }).then(async (answer) =>
        response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())),
      );
    });
  });
  return { server, url: `http://127.0.0.1:${await listenOnFreePort(server)}` };
}

// Real: the run's Slurm.
(reason === undefined ? describe : describe.skip)(reason ?? 'on a Slurm that others use too', () => {
  beforeAll(async () => {
    slurm = await sharedSlurm();
  }, gridDeadlineMs);

  async function ended(world: BackendWorld, submission: Submission): Promise<BatchReport> {
    const [id = ''] = await world.submit(submission);
    return world.until(id, `${id} to end`, isOver);
  }

  describe.each(ways)('the backend by %s', (way) => {
    let world: BackendWorld;
    beforeAll(async () => {
      world = await open({ way });
    });

    it('takes nobody else’s job for its own, whatever its comment says', async () => {
      const submission = submissionOf(['true']);
      const forged = `--comment=${house}:${submission.id}`;
      const id = await slurm.inside('sbatch', '--parsable', '--chdir=/tmp', forged, '--wrap=sleep 100');
      expect(await world.backend.find(submission, world.call)).toEqual([]);
      await slurm.inside('scancel', id.trim());
    });

    it('is not led astray by line breaks and forged rows in other people’s comments', async () => {
      const row = `99999999|N/A|COMPLETED|0:0|grid|1|1|node|None|${house}:${randomUUID()}`;
      const forged = `--comment=x\n${row}\n99999998||N/A||COMPLETED||0:0`;
      const id = (
        await slurm.inside('sbatch', '--parsable', '--chdir=/tmp', forged, '--wrap=sleep 100')
      ).trim();
      const reports = await world.backend.poll(new Set(['99999999', '99999998', id]), world.call);
      expect(reports.map(({ batchId }) => batchId)).toContain(id);
      expect(reports.filter(({ batchId }) => batchId.startsWith('9999999'))).toEqual([]);
      await slurm.inside('scancel', id);
    });

    it('runs scripts with carriage returns, directives and quotes in them as they are', async () => {
      const settings = [
        '#SBATCH --job-name=stolen',
        "ATTEMPT='a' # \\ ` $( \"",
        `LINE='one\r'`,
        'DO=\'test "$SLURM_JOB_NAME" = "a b  #SBATCH -x" && test "$(printf "%s" "$LINE" | od -An -c | tr -d " ")" = "one\\r"\'',
        '',
      ].join('\n');
      const submission = {
        ...submissionOf([], { name: 'a b\n\n#SBATCH -x' }),
        attempts: [{ id: randomUUID(), settings }],
      };
      expect(await ended(world, submission)).toMatchObject({ state: 'ended', exitCode: 0 });
    });

    it('follows no link that a job left, and waits for no pipe', async () => {
      const does = [
        'out=$(dirname "$(readlink slipway.log)")',
        `ln -s /etc/passwd "$out/${transferredFiles[1]}"`,
        'rm "$out/slipway.log"',
        'mkfifo "$out/slipway.log"',
      ].join(' && ');
      const report = await ended(world, submissionOf([does]));
      expect(report).toMatchObject({ state: 'ended', exitCode: 0 });
      const directory = await mkdtemp(join(tmpdir(), 'slipway-collect-'));
      expect(await world.backend.collect(report.batchId, directory, world.call)).toEqual([]);
      await rm(directory, { recursive: true });
    });

    it.each([
      ['an option that the backend does not allow', { partition: 'lab' }, 'not among those'],
      ['an option that says what runs', { wrap: 'id' }, 'not an option that a job may add'],
      ['a value that goes on', { qos: 'a --wrap=id' }, 'spaces'],
      ['a value that Slurm does not know', { constraint: 'unheard-of' }, 'Invalid feature specification'],
    ])('refuses %s', async (_, batch, words) => {
      const { template, ...rest } = submissionOf(['true']);
      await expect(world.submit({ ...rest, template: { ...template, batch } })).rejects.toMatchObject({
        code: 'grid.refused',
        message: expect.stringContaining(words),
      });
    });

    it('says so when its token is not taken', async () => {
      const { submit } = await open({ way, token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJncmlkIn0.AAAA' });
      await expect(submit(submissionOf(['true']))).rejects.toMatchObject({
        code: 'grid.unauthorized',
      });
    });
  });

  it.each([[['v0.0.42']], [['v0.0.42', 'v0.0.41']]])(
    'speaks to a slurmrestd that has no %j',
    async (missing) => {
      const { server, url } = await older(slurm.url, missing);
      try {
        const world = await open({ way: 'rest', settings: { url } });
        expect(await ended(world, submissionOf(['exit 5']))).toMatchObject({ exitCode: 5 });
        const submission = submissionOf(['sleep 300', 'sleep 300']);
        const ids = await world.submit(submission);
        await world.backend.cancel(ids, world.call);
        for (const id of ids) await world.until(id, `${id} to be cancelled`, ({ state }) => state === 'gone');
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
  );
});
