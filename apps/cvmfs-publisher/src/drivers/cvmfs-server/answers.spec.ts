import { answerError } from './answers.js';

describe('the error for an answer of cvmfs_server', () => {
  it.each([
    [17, 'CernVM-FS transaction error: another transaction is already open', 'cvmfs.busy'],
    [1, 'Another publish process is active for r.org', 'cvmfs.busy'],
    [22, 'Repository r.org is currently publishing (aborting abort)', 'cvmfs.busy'],
    [1, 'Repository whitelist for r.org is expired!', 'cvmfs.whitelist_expired'],
    [1, 'Repository unavailable under http://localhost/cvmfs/r.org', 'cvmfs.web_server_down'],
    [1, 'Permission denied: Repository r.org is owned by cvmfs', 'cvmfs.not_owner'],
    [1, 'This is not a stratum 0 repository', 'cvmfs.unknown_repository'],
    [1, 'Failed to acquire publishing lock', 'cvmfs.busy'],
    [1, 'r.org is in a transaction but /cvmfs/r.org is not mounted read/write', 'cvmfs.not_writable'],
    [5, 'cannot load whitelist [expired whitelist]', 'cvmfs.whitelist_expired'],
    [5, 'cannot load whitelist [failed to download whitelist]', 'cvmfs.web_server_down'],
    [1, 'CernVM-FS error: Unable to find the configuration file `server.conf`', 'cvmfs.unknown_repository'],
    [1, 'Repository r.org is not in a transaction', 'cvmfs.transaction_lost'],
    [1, 'Open writable file descriptors on r.org', 'cvmfs.open_files'],
    [1, 'Open read-only file descriptors\naborted.', 'cvmfs.open_files'],
    [1, 'cp: No space left on device\nSynchronization failed', 'cvmfs.no_space'],
    [1, 'Synchronization failed', 'cvmfs.publish_failed'],
    [127, 'sh: 1: cvmfs_server: not found', 'cvmfs.tool_missing'],
    [3, 'something new', 'cvmfs.tool_failed'],
    [undefined, '', 'cvmfs.tool_failed'],
  ])('%p, %j is temporary and %s', (code, text, expected) => {
    const error = answerError('publish', { code, text }, 'r.org');
    expect(error).toMatchObject({ code: expected, temporary: true, subject: 'r.org' });
  });

  it('quotes the end of what the tool said, in one line', () => {
    const command = `cvmfs_swissknife sync ${'-x '.repeat(500)}`;
    const text = `${'noise\n'.repeat(1000)}the reason\nSynchronization failed\n\nExecuted Command:\n${command}`;
    const { message } = answerError('publish', { code: 1, text }, 'r.org');
    expect(message).toContain('the reason | Synchronization failed');
    expect(message).toMatch(/^.{0,900}$/);
  });

  it('warns only of what passes by itself', () => {
    const busy = { code: 17, text: 'another transaction is already open' };
    expect(answerError('transaction', busy, 'r.org')).toMatchObject({ level: 'warn', retryAfterSeconds: 30 });
    const expired = { code: 5, text: 'expired whitelist' };
    expect(answerError('transaction', expired, 'r.org')).toMatchObject({ level: 'error' });
  });
});
