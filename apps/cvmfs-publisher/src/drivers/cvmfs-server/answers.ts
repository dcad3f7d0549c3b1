import { temporary, type AppError } from '#errors';
import type { ToolAnswer } from './tool.js';

interface Known {
  readonly says: RegExp;
  readonly code: string;
  /** What it means, and what to do about it. */
  readonly means: string;
  /** Passes by itself: logged as a warning only, and soon tried again. */
  readonly passes?: true;
}

/** What `cvmfs_server` says when it refuses, most telling first. */
const known: readonly Known[] = [
  {
    says: /another transaction is already open/,
    code: 'cvmfs.busy',
    means: 'somebody else has a transaction open',
    passes: true,
  },
  {
    says: /Another publish process is active|Failed to acquire publishing lock|is currently publish/,
    code: 'cvmfs.busy',
    means: 'somebody else is publishing',
    passes: true,
  },
  {
    says: /not mounted read\/write|cannot establish writable mountpoint/,
    code: 'cvmfs.not_writable',
    means:
      "somebody else's publish runs, or it crashed: if it stays so, `cvmfs_server mount` and `publish`, or `abort`",
  },
  {
    says: /expired whitelist|whitelist for .* is expired/,
    code: 'cvmfs.whitelist_expired',
    means: 'its whitelist has expired (it does after 30 days): run `cvmfs_server resign` with the master key',
  },
  {
    says: /cannot load whitelist|failed to download|Repository unavailable under/,
    code: 'cvmfs.web_server_down',
    means: "the repository's web server does not answer: start it",
  },
  {
    says: /Unable to find the configuration file|is not a stratum ?0 repository/i,
    code: 'cvmfs.unknown_repository',
    means: 'this host is not its publisher: make it with `cvmfs_server mkfs`, or correct the configuration',
  },
  {
    says: /is owned by|No write permission to repository/,
    code: 'cvmfs.not_owner',
    means: "the publisher must run as the repository's owner",
  },
  {
    says: /is not in a transaction/,
    code: 'cvmfs.transaction_lost',
    means: 'somebody else ended the transaction',
  },
  {
    says: /Open writable file descriptors|Current working directory is in/,
    code: 'cvmfs.open_files',
    means: 'a process on this host writes in it or stands in it: find it with `lsof`',
    passes: true,
  },
  {
    says: /aborted\.\s*$/,
    code: 'cvmfs.open_files',
    means: 'a process on this host reads a file in it: find it with `lsof`, or allow `forceRemount`',
    passes: true,
  },
  {
    says: /No space left on device/,
    code: 'cvmfs.no_space',
    means: 'the spool or the storage is full',
  },
  {
    says: /Synchronization failed/,
    code: 'cvmfs.publish_failed',
    means: 'CVMFS could not take what was written',
  },
];

/** What a shell ends with when it cannot start a program. */
const notStarted: readonly unknown[] = [126, 127];
const missing: Pick<Known, 'code' | 'means' | 'passes'> = {
  code: 'cvmfs.tool_missing',
  means: 'cvmfs_server is not installed where this service looks for it, or may not be run',
};

const longestReason = 600;

/**
 * The error for an answer of `cvmfs_server`. All are temporary: the repository's administrator sets right what is
 * wrong while the messages wait.
 */
export function answerError(command: string, answer: ToolAnswer, repository: string): AppError {
  const { code, text } = answer;
  const hit = notStarted.includes(code) ? missing : known.find(({ says }) => says.test(text));
  // A long command line follows the reason, and would push it out.
  const [reason = ''] = text.split(/\s*Executed Command:/, 1);
  const said = reason.slice(-longestReason).replaceAll(/\s*\n\s*/g, ' | ');
  const end = code === undefined ? 'was killed' : `ended with ${code}`;
  const words = said === '' ? '' : ` and said: ${said}`;
  const means = hit === undefined ? '' : `: ${hit.means}`;
  return temporary(
    hit?.code ?? 'cvmfs.tool_failed',
    `${repository}${means}. \`cvmfs_server ${command}\` ${end}${words}`,
    {
      subject: repository,
      ...(hit?.passes === true ? { retryAfterSeconds: 30 } : { level: 'error' }),
    },
  );
}
