import type { CiJob } from '#gitlab';
import { posix } from 'node:path';
import { buildsDirectory, type CiVariables } from './ci-variables.js';
import type { SettingValues } from './setting-values.js';

/** How the sources come to the node. */
export interface GitSettings {
  readonly strategy: 'clone' | 'fetch' | 'none';
  readonly checkout: boolean;
  readonly attempts: number;
  /** 0: the whole history. */
  readonly depth: number;
  readonly cleanFlags: readonly string[];
  readonly fetchFlags: readonly string[];
  readonly submodules: {
    readonly strategy: 'none' | 'normal' | 'recursive';
    readonly depth: number;
    readonly paths: readonly string[];
    readonly updateFlags: readonly string[];
    readonly forceHttps: boolean;
  };
  /** Large files stay the pointers that the repository has. */
  readonly skipLargeFiles: boolean;
}

/** How a job wants its sources, by GitLab's `GIT_*` variables; what they do not say is as the project has it. */
export function gitSettings(job: CiJob, values: SettingValues): GitSettings {
  const depth = Math.max(0, Math.trunc(job.git_info.depth));
  const strategy = values.oneOf(
    'GIT_STRATEGY',
    ['clone', 'fetch', 'none', 'empty'],
    job.allow_git_fetch ? 'fetch' : 'clone',
  );
  return {
    // Each job begins in a directory of its own that has nothing in it.
    strategy: strategy === 'empty' ? 'none' : strategy,
    checkout: values.flag('GIT_CHECKOUT', true),
    attempts: values.count('GET_SOURCES_ATTEMPTS', 1, 10, 1),
    depth,
    cleanFlags: values.flags('GIT_CLEAN_FLAGS', ['-ffdx']),
    fetchFlags: values.flags('GIT_FETCH_EXTRA_FLAGS', ['--prune', '--quiet']),
    submodules: {
      strategy: values.oneOf('GIT_SUBMODULE_STRATEGY', ['none', 'normal', 'recursive'], 'none'),
      depth: values.count('GIT_SUBMODULE_DEPTH', 0, 2 ** 31 - 1, depth),
      paths: values.flags('GIT_SUBMODULE_PATHS', []),
      updateFlags: values.flags('GIT_SUBMODULE_UPDATE_FLAGS', []),
      forceHttps: values.flag('GIT_SUBMODULE_FORCE_HTTPS', false),
    },
    skipLargeFiles: values.flag('GIT_LFS_SKIP_SMUDGE', false),
  };
}

/** GIT_CLONE_PATH, or undefined where it leads out of CI_BUILDS_DIR; absent: `otherwise`. */
export function clonePath(variables: CiVariables, otherwise: string): string | undefined {
  const asked = variables.value('GIT_CLONE_PATH');
  if (asked === '') return otherwise;
  const path = posix.normalize(asked).replace(/\/+$/, '');
  return path.startsWith(`${buildsDirectory}/`) && !/[\n\r]/.test(path) ? path : undefined;
}
