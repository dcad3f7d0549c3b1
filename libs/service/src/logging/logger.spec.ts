import { permanent } from '#errors';
import { createLogger, createScrubber, logError, nestLogger, withTrace } from '#service';

function recorder(secrets: readonly string[] = []) {
  const lines: string[] = [];
  const scrubber = createScrubber();
  for (const secret of secrets) scrubber.learn(secret);
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'spec', level: 'debug', scrubber, destination });
  return { logger, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1) ?? '{}') as unknown };
}

describe('a log line', () => {
  it('masks fields that hold secrets, at every depth where they occur', () => {
    const { logger, text, last } = recorder();
    const request = { headers: { authorization: 'Bearer aaaa', 'x-gitlab-token': 'bbbb', accept: '*/*' } };
    logger.info({ password: 'cccc', login: { token: 'dddd' }, request, 'set-cookie': 'eeee' });
    expect(text()).not.toMatch(/aaaa|bbbb|cccc|dddd|eeee/);
    expect(last()).toMatchObject({ request: { headers: { accept: '*/*' } } });
  });

  it('masks a learnt secret wherever it stands, also as JSON and as a URL write it', () => {
    const secret = 'pass"wörd/1';
    const { logger, text } = recorder([secret]);
    logger.info({ text: `said ${secret}`, url: `http://host/${encodeURIComponent(secret)}` }, secret);
    logger.error({ err: new Error(`refused ${secret}`, { cause: new Error(secret) }) }, 'failed');
    expect(text()).not.toContain('wörd');
    expect(text()).not.toContain(encodeURIComponent(secret));
  });

  it('masks the password of a learnt URL on its own', () => {
    const { logger, text } = recorder(['amqp://me:s3cr%40t-word@broker:5672/vhost']);
    logger.info('login as me with s3cr@t-word refused by broker');
    expect(text()).toContain('login as me with [redacted] refused by broker');
  });

  it('masks credentials in URLs, and leaves image references as they are', () => {
    const { logger, text } = recorder();
    logger.info('pull https://me:pw@registry.example.org/a@sha256:0 and registry.example.org/a@sha256:0');
    expect(text()).toContain(
      'https://[redacted]@registry.example.org/a@sha256:0 and registry.example.org/a@sha256:0',
    );
  });

  it('is found quickly in a long text that resembles a URL', () => {
    const scrubber = createScrubber();
    const text = 'a'.repeat(1_000_000) + '://' + 'b'.repeat(1_000_000);
    expect(scrubber.scrub(text)).toBe(text);
  });

  it('has the code and the causes of an error, as loud as the error asks for, and none of its other properties', () => {
    const { logger, last } = recorder();
    const cause = Object.assign(new Error('socket closed'), {
      code: 'ECONNRESET',
      request: { body: 'private' },
    });
    logError(logger, permanent('registry.gone', 'no such image', { cause, level: 'info' }), 'gave up');
    const line = last();
    expect(line).toMatchObject({
      level: 'info',
      msg: 'gave up',
      err: {
        code: 'registry.gone',
        message: 'no such image',
        cause: { code: 'ECONNRESET', message: 'socket closed' },
      },
    });
    expect(JSON.stringify(line)).not.toContain('private');
  });

  it('names the trace it belongs to', () => {
    const { logger, last } = recorder();
    withTrace('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', () => logger.info('inside'));
    expect(last()).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    logger.info('outside');
    expect(last()).not.toHaveProperty('traceId');
  });
});

describe('what Nest logs', () => {
  it('keeps its context, and is quiet about its own start', () => {
    const { logger, last } = recorder();
    nestLogger(logger).warn('slow', 'Scheduler');
    expect(last()).toMatchObject({ level: 'warn', context: 'Scheduler', msg: 'slow' });
    nestLogger(logger).log('Mapped {/x, GET} route', 'RouterExplorer');
    expect(last()).toMatchObject({ level: 'debug' });
    nestLogger(logger).error('broken', 'Error: broken\n  at x', 'ExceptionsHandler');
    expect(last()).toMatchObject({
      level: 'error',
      stack: 'Error: broken\n  at x',
      context: 'ExceptionsHandler',
    });
  });
});
