import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnFreePort } from '#embedded';
import type { BatchReport, Submission } from '#grid';
import {
  type BackendWorld,
  backendWorld,
  gridDeadlineMs,
  isOver,
  type OwnCondor,
  startCondor,
  waitFor,
  whyNoApptainer,
} from '#lab';
import { type PublishedJobImage, publishedJobImage } from '../../../../test/scenarios/job-image.js';
import { EdgeWorld, type KnownAttempt } from './edge-world.js';

const reason = whyNoApptainer();
const hasStopped = (report: BatchReport): boolean => isOver(report) || report.state === 'held';

// Real: HTCondor's container universe with Apptainer, what cvmfs-publisher made of an image as its /cvmfs, the monitor
// as a process, RabbitMQ, PostgreSQL.
(reason === undefined ? describe : describe.skip)(reason ?? 'a job in an image', () => {
  let published: PublishedJobImage;
  let directory: string;
  let condor: OwnCondor;
  let edge: EdgeWorld;

  beforeAll(async () => {
    published = await publishedJobImage(`${import.meta.url}-publisher`);
    directory = await mkdtemp(join(tmpdir(), 'slipway-container-'));
    condor = await startCondor({ directory, slots: 4, mounts: published.mounts });
    edge = await EdgeWorld.create(import.meta.url);
    await edge.start();
  }, gridDeadlineMs);
  afterAll(async () => {
    await Promise.allSettled([condor?.kill(), edge?.close(), published?.world.close()]);
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  describe.each([
    ['is sent its files', false],
    ['reads its files where they are', true],
  ])('that HTCondor enters, and which %s', (_how, sharedFiles) => {
    let pool: BackendWorld;
    let gate: Server;
    let opened: string;
    let isOpen = false;
    beforeAll(async () => {
      const settings = { kind: 'htcondor', tools: condor.bin, sharedFiles };
      pool = await backendWorld(condor, { house: `http-${sharedFiles}`, settings });
      gate = createServer((_request, response) => response.writeHead(isOpen ? 200 : 503).end());
      opened = `curl -sf http://127.0.0.1:${await listenOnFreePort(gate)}/`;
    });
    afterAll(async () => {
      await new Promise((resolve) => gate.close(resolve));
      await pool.backend.close();
    });

    /** As the submitter hands it to a batch system whose nodes reach the monitor. */
    const handedIn = (known: KnownAttempt): Submission => {
      const { wrapper, groupSettings, attemptSettings: settings } = edge.files(known);
      const { template, attemptId } = known;
      const group = { id: randomUUID(), name: 'a group', project: 'higgs', template };
      return { ...group, wrapper, groupSettings, attempts: [{ id: attemptId, settings }], transfer: 'http' };
    };

    it.each([
      [0, { state: 'succeeded', exitCode: 0 }],
      [3, { state: 'failed', exitCode: 3, reason: { fault: 'script-failed' } }],
    ])(
      'speaks to the monitor itself: its log as it is written, its outputs and its exit status %i',
      async (code, expected) => {
        isOpen = false;
        const known = await edge.queue({
          image: published.image,
          steps: [
            {
              name: 'script',
              script: `cat /etc/words; until ${opened}; do sleep 1; done; echo "$OWN, $OVER" | tee r.txt; exit ${code}`,
            },
          ],
          environment: { OVER: 'of the job' },
          inputs: [{ path: 'in/put.txt', content: 'given' }],
          outputs: ['r.txt', 'in'],
          resources: { memoryBytes: 256 * 2 ** 20, diskBytes: 64 * 2 ** 20 },
        });
        const [id = ''] = await pool.submit(handedIn(known));
        await waitFor(async () => (await edge.log(known.attemptId)).includes('the image’s words\n'), {
          what: 'the log of the running job',
          deadlineMs: 120_000,
        }).catch(async (error: unknown) => {
          throw new Error(`${await pool.backend.ownLog(id, pool.call)}`, { cause: error });
        });
        expect(await edge.attempt(known.attemptId)).toMatchObject({ state: 'running' });
        isOpen = true;
        const report = await pool.until(id, 'the job to end', hasStopped);
        const log = await edge.log(known.attemptId);
        expect({ report, log }).toMatchObject({
          report: { state: 'ended', exitCode: code },
          log: expect.stringContaining('of the image, of the job\n'),
        });
        const attempt = await edge.attempt(known.attemptId);
        expect(attempt).toMatchObject({ ...expected, usage: { inputBytes: [5] } });
        const outputs = await edge.outputs.find(attempt);
        expect(outputs?.files.map(({ path }) => path).sort()).toEqual(['in/', 'in/put.txt', 'r.txt']);
        const own = (await pool.backend.ownLog(id, pool.call)) ?? '';
        if (sharedFiles) expect(own).not.toMatch(/transferring input files/i);
        else expect(own).toMatch(/transferring input files/i);
        await pool.backend.forget([id], pool.call);
      },
      300_000,
    );

    it('ends at once when it is cancelled, for it hears so from the monitor', async () => {
      const known = await edge.queue({
        image: published.image,
        steps: [{ name: 'script', script: 'echo begun; sleep 600' }],
      });
      const [id = ''] = await pool.submit(handedIn(known));
      await waitFor(async () => (await edge.log(known.attemptId)).includes('begun\n'), {
        what: 'the job to run',
        deadlineMs: 120_000,
      });
      const cancelled = { fault: 'cancelled', words: 'cancelled by ada' } as const;
      await edge.ledger.report(known.attemptId, {
        from: 'submitter',
        state: 'cancelling',
        at: new Date(),
        reason: cancelled,
      });
      expect(await pool.until(id, 'the job to end', hasStopped)).toMatchObject({ exitCode: 143 });
      expect(await edge.attempt(known.attemptId)).toMatchObject({ state: 'cancelled', reason: cancelled });
    }, 300_000);
  });
});
