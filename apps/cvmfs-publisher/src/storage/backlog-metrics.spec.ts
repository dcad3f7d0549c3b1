import type { DataSource } from 'typeorm';
import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import { Registry } from '#service';
import { storage } from './index.js';
import { reportBacklog } from './backlog-metrics.js';
import { RequestStore } from './request.store.js';

describe('the metrics of publications, on a real PostgreSQL', () => {
  let dataSource: DataSource;
  let registry: Registry;

  beforeAll(async () => {
    const { url, schema } = await isolatedSchema(import.meta.url);
    dataSource = await openDatabase({ ...storage, url, schema });
    registry = new Registry();
    reportBacklog(registry, dataSource);
  });
  afterAll(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });

  it('tell how many wait in each CVMFS repository and since when, and go on without the database', async () => {
    await new RequestStore(dataSource).accept({
      cvmfsRepository: 'unpacked.example.org',
      registry: 'r.example.org',
      repository: 'team/app',
      name: ':v1',
      digest: `sha256:${'a'.repeat(64)}`,
      pushedDigest: `sha256:${'a'.repeat(64)}`,
      platform: 'linux/amd64',
      imageSource: 'registry',
      pushedAt: new Date(),
      requestedBy: 'message-1',
      traceparent: undefined,
    });
    await dataSource.query(`update publication set requested_at = now() - interval '90 seconds'`);
    const labels = '{cvmfs_repository="unpacked.example.org",state="waiting"}';
    const page = await registry.metrics();
    expect(page).toContain(`slipway_publications_by_state${labels} 1`);
    expect(page).toMatch(/slipway_publications_oldest_seconds\{[^}]*state="waiting"\} 9\d/);

    await dataSource.destroy();
    expect(await registry.metrics()).toContain('# TYPE slipway_publications_by_state gauge');
  });
});
