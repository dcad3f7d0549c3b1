import { Readiness } from '#service';

describe('readiness', () => {
  it('holds while every check does', async () => {
    const readiness = new Readiness();
    readiness.add(
      { name: 'broker', check: () => undefined },
      { name: 'database', check: async () => undefined },
    );
    expect(await readiness.report()).toEqual({ ready: true, checks: { broker: 'ok', database: 'ok' } });
  });

  it('tells why each failing check fails', async () => {
    const readiness = new Readiness();
    readiness.add(
      { name: 'broker', check: () => Promise.reject(new Error('connection refused')) },
      { name: 'database', check: () => undefined },
    );
    expect(await readiness.report()).toEqual({
      ready: false,
      checks: { broker: 'connection refused', database: 'ok' },
    });
  });

  it('does not wait for a check that hangs', async () => {
    const readiness = new Readiness();
    readiness.add({ name: 'broker', check: () => new Promise(() => undefined) });
    expect(await readiness.report()).toEqual({ ready: false, checks: { broker: 'no answer within 2 s' } });
  });

  it('ends when the process shuts down, whatever the checks say', async () => {
    const readiness = new Readiness();
    readiness.stop();
    expect(await readiness.report()).toEqual({ ready: false, checks: { process: 'shutting down' } });
  });
});
