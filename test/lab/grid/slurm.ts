import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedServer, freePort } from '#embedded';
import { waitFor } from '../wait-for.js';
import { gridRootFileSystem } from './root-file-system.js';
import { gridUser, type Inside, reachSandbox, type Sandbox, startSandbox } from './sandbox.js';
import { type SlurmAccounting, slurmAccounting } from './slurm-accounting.js';

const tools = ['sacct', 'sbatch', 'scancel', 'scontrol', 'sinfo', 'squeue'];
const host = 'grid-lab';

/** What another process needs to reach a Slurm. */
export interface SlurmAddress {
  readonly directory: string;
  /** Base address of slurmrestd, `http://127.0.0.1:port`. */
  readonly url: string;
}

/** A real Slurm of one node: controller, node and slurmrestd on the loopback address. */
export interface Slurm extends Sandbox, SlurmAddress {
  /** Whom the tools and the tokens speak for. */
  readonly user: string;
  /** A JWT of that user for slurmrestd and for the tools' SLURM_JWT; good for an hour unless told, in seconds. */
  token(lifespan?: number): Promise<string>;
  /** Has a daemon end in its own way, and keeps it down; resolves when it is gone. */
  stopDaemon(daemon: SlurmDaemon): Promise<void>;
  /** Lets it run again; resolves when Slurm serves. */
  startDaemon(daemon: SlurmDaemon): Promise<void>;
}

/** What a test can stop and start again: controller, node, or what keeps the accounts. */
export type SlurmDaemon = 'slurmctld' | 'slurmd' | 'slurmdbd';

/** One that this process started. */
export type OwnSlurm = Slurm & EmbeddedServer & { readonly address: SlurmAddress };

/** One node's Slurm, and what of it a test wants otherwise. */
export interface SlurmOptions {
  readonly directory: string;
  /** Further lines of slurm.conf, as `{MaxArraySize: '11'}`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** With slurmdbd, which remembers what the controller forgets; none unless told. */
  readonly accounting?: boolean;
  /** As those of a sandbox: images on CVMFS, for instance. */
  readonly mounts?: Readonly<Record<string, string>>;
}

interface Ports {
  readonly controller: number;
  readonly node: number;
  readonly rest: number;
}

/** Starts Slurm on free ports; a job starts within a second of its submission. */
export async function startSlurm({
  directory,
  settings = {},
  accounting = false,
  mounts = {},
}: SlurmOptions): Promise<OwnSlurm> {
  const rootFileSystem = await gridRootFileSystem();
  const ports: Ports = { controller: await freePort(), node: await freePort(), rest: await freePort() };
  const state = stateOf(directory);
  const accounts = accounting ? slurmAccounting(await freePort(), state, host) : undefined;
  const lines = Object.entries({ ...defaults(ports, state), ...accounts?.settings, ...settings });
  const address = { directory, url: `http://127.0.0.1:${ports.rest}` };
  const server = await startSandbox({
    name: 'slurm',
    rootFileSystem,
    directory,
    mounts,
    files: {
      '/etc/slurm/slurm.conf': `${lines.map(([name, value]) => `${name}=${value}\n`).join('')}${machines(ports)}`,
      '/etc/slurm/cgroup.conf': 'CgroupPlugin=disabled\n',
      ...accounts?.files,
    },
    start: startScript(ports, state, accounts),
    tools: tools,
    probe: (inside) => serves(inside, address.url),
  });
  return Object.assign(server, reachSlurm(address), { address });
}

/** Reaches the Slurm that some process started. */
export function reachSlurm(address: SlurmAddress): Slurm {
  const sandbox = reachSandbox(address.directory);
  const held = (daemon: SlurmDaemon): string => join(stateOf(address.directory), `${daemon}.held`);
  return {
    ...address,
    ...sandbox,
    user: gridUser.name,
    token: async (lifespan = 3600) => {
      const said = await sandbox.inside(
        'scontrol',
        'token',
        `username=${gridUser.name}`,
        `lifespan=${lifespan}`,
      );
      return said.trim().replace('SLURM_JWT=', '');
    },
    stopDaemon: async (daemon) => {
      writeFileSync(held(daemon), '');
      await sandbox.inside('pkill', '-TERM', '-x', daemon);
      await waitFor(() => existsSync(`${held(daemon)}.down`), { what: `${daemon} to be gone` });
    },
    startDaemon: async (daemon) => {
      rmSync(held(daemon));
      await waitFor(() => serves(sandbox.inside, address.url).then(() => true), {
        what: 'Slurm to serve again',
      });
    },
  };
}

const stateOf = (directory: string): string => join(directory, 'jobs/slurm');

async function serves(inside: Inside, url: string): Promise<void> {
  const states = await inside('timeout', '5', 'sinfo', '--noheader', '--format=%T');
  if (!/^(?:idle|mixed|allocated)$/m.test(states)) throw new Error(`the node is ${states}`);
  await fetch(url, { signal: AbortSignal.timeout(5_000) });
}

function defaults(ports: Ports, state: string): Record<string, string> {
  return {
    ClusterName: 'lab',
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmUser: 'slurm',
    SlurmctldPort: String(ports.controller),
    SlurmdPort: String(ports.node),
    CommunicationParameters: 'NoCtldInAddrAny,NoInAddrAny',
    AuthType: 'auth/munge',
    CredType: 'cred/munge',
    AuthAltTypes: 'auth/jwt',
    AuthAltParameters: `jwt_key=${state}/jwt.key`,
    StateSaveLocation: `${state}/controller`,
    SlurmdSpoolDir: `${state}/node`,
    SlurmctldPidFile: `${state}/slurmctld.pid`,
    SlurmdPidFile: `${state}/slurmd.pid`,
    // A sandbox has neither systemd nor control groups of its own.
    ProctrackType: 'proctrack/linuxproc',
    TaskPlugin: 'task/none',
    JobAcctGatherType: 'jobacct_gather/none',
    MpiDefault: 'none',
    SlurmdParameters: 'config_overrides',
    SelectType: 'select/cons_tres',
    SelectTypeParameters: 'CR_Core_Memory',
    DefMemPerCPU: '16',
    SchedulerParameters: 'sched_interval=1,bf_interval=1,batch_sched_delay=0',
    ReturnToService: '2',
    KillWait: '1',
    SlurmdTimeout: '5',
    MaxArraySize: '10001',
    MaxJobCount: '50000',
  };
}

function machines(ports: Ports): string {
  // More than the machine has: the tests' jobs mostly sleep.
  return [
    `NodeName=${host} NodeAddr=127.0.0.1 Port=${ports.node} CPUs=32 RealMemory=32768 TmpDisk=100000 State=UNKNOWN`,
    `PartitionName=lab Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
    '',
  ].join('\n');
}

/** Each daemon is started again when it ends, as a service manager would, unless a file holds it down. */
function startScript({ rest }: Ports, state: string, accounts: SlurmAccounting | undefined): string {
  return `
    install -d -m 755 ${state}
    install -d -o slurm -g slurm ${state}/controller
    install -d ${state}/node
    head -c 32 /dev/urandom >${state}/jwt.key
    chown slurm ${state}/jwt.key
    chmod 600 ${state}/jwt.key
    install -d -o munge -g munge -m 755 /run/munge
    install -d -o munge -g munge -m 700 /var/log/munge /var/lib/munge
    as() { user=$1; shift; setpriv --reuid=$user --regid=$user --clear-groups "$@"; }
    keep() {
      while :; do
        if [ -e ${state}/$1.held ]; then touch ${state}/$1.held.down; sleep 0.1; continue; fi
        rm -f ${state}/$1.held.down
        "$@" || true
        sleep 0.1
      done
    }
    slurmctld() { as slurm /usr/sbin/slurmctld -D; }
    slurmd() { /usr/sbin/slurmd -D -N ${host}; }
    slurmrestd() { SLURM_JWT=daemon as 65534 /usr/sbin/slurmrestd -a rest_auth/jwt -s slurmctld${accounts ? ',slurmdbd' : ''} 127.0.0.1:${rest}; }
    ${accounts?.begin ?? ''}
    # A request that its time is up must not end this script, which is process 1 here.
    trap '' TERM
    (as munge /usr/sbin/munged --foreground --num-threads=2) &
    until munge --no-input >/dev/null 2>&1; do sleep 0.05; done
    ${accounts?.run ?? ''}
    keep slurmctld &
    keep slurmd &
    keep slurmrestd &
    wait`;
}
