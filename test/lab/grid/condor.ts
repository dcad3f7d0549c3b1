import { type EmbeddedServer, freePort } from '#embedded';
import { certificate, tokenMapping, tokenSettings } from './condor-tokens.js';
import { gridRootFileSystem } from './root-file-system.js';
import { reachSandbox, type Sandbox, startSandbox } from './sandbox.js';

const tools =
  'history hold q qedit release reschedule rm status submit tail transfer_data vacate_job version wait'
    .split(' ')
    .map((name) => `condor_${name}`);

/** What another process needs to reach an HTCondor. */
export interface CondorAddress {
  readonly directory: string;
  /** Where the collector answers: `127.0.0.1:port`. */
  readonly pool: string;
  /** The schedd's name in that pool. */
  readonly schedd: string;
  /** All jobs' events as JSON, one after the other. */
  readonly eventLog: string;
}

/** A real HTCondor of one machine: collector, negotiator, schedd and startd on the loopback address. */
export type Condor = Sandbox & CondorAddress;

/** One that this process started. */
export type OwnCondor = Condor & EmbeddedServer & { readonly address: CondorAddress };

const schedd = 'lab@';
const host = 'grid-lab';

/** One machine's HTCondor, and what of it a test wants otherwise. */
export interface CondorOptions {
  readonly directory: string;
  /** Jobs at once: 32 unless told, more than the machine has cores, for the tests' jobs mostly sleep. */
  readonly slots?: number;
  /** Further lines of its configuration. */
  readonly settings?: string;
  /** As those of a sandbox: images on CVMFS, for instance. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/** Starts HTCondor on a free port; a job starts within a second or two of its submission. */
export async function startCondor({
  directory,
  slots = 32,
  settings: further = '',
  mounts = {},
}: CondorOptions): Promise<OwnCondor> {
  const rootFileSystem = await gridRootFileSystem();
  const pool = `127.0.0.1:${await freePort()}`;
  const local = `${directory}/jobs/condor`;
  const server = await startSandbox({
    name: 'condor',
    rootFileSystem,
    directory,
    mounts,
    files: {
      '/etc/condor/config.d/90-lab': settings(pool, local, slots),
      '/etc/condor/config.d/92-further': `${further}\n`,
      '/etc/condor/config.d/91-lab-tokens': tokenSettings,
      '/etc/condor/lab-mapfile': tokenMapping,
    },
    start: `
      install -d -o condor -g condor -m 755 /run/condor /run/lock/condor ${local} ${local}/log ${local}/spool ${local}/execute
      install -d -o condor -g condor -m 700 /run/condor/cache
      install -d /var/lib/condor/execute
      mount --bind ${local}/execute /var/lib/condor/execute
      install -d -m 700 /etc/condor/passwords.d /etc/condor/tokens.d
      ${certificate}
      condor_master -f &
      wait`,
    tools: tools,
    probe: async (inside) => {
      await inside('condor_q', '-totals');
      const slots = await inside('condor_status', '-autoformat', 'Name');
      if (!slots.includes('slot')) throw new Error('no slot yet');
    },
  });
  const address = { directory, pool, schedd: schedd, eventLog: `${local}/log/EventLog` };
  return Object.assign(server, reachCondor(address), { address });
}

/** Reaches the HTCondor that some process started. */
export function reachCondor(address: CondorAddress): Condor {
  return { ...address, ...reachSandbox(address.directory) };
}

/** Jobs see the /tmp of all: what tests have them share lies there. */
function settings(pool: string, local: string, slots: number): string {
  return `
    ENABLE_IPV6 = False
    NETWORK_INTERFACE = 127.0.0.1
    BIND_ALL_INTERFACES = False
    CONDOR_HOST = 127.0.0.1
    COLLECTOR_HOST = ${pool}
    USE_SHARED_PORT = True
    SHARED_PORT_PORT = ${pool.split(':')[1]}
    UID_DOMAIN = ${host}
    FILESYSTEM_DOMAIN = ${host}
    FULL_HOSTNAME = ${host}
    SCHEDD_NAME = ${schedd}
    DAEMON_LIST = MASTER SHARED_PORT COLLECTOR NEGOTIATOR SCHEDD STARTD
    LOG = ${local}/log
    SPOOL = ${local}/spool
    EXECUTE = /var/lib/condor/execute
    MOUNT_UNDER_SCRATCH =
    EVENT_LOG = $(LOG)/EventLog
    EVENT_LOG_FORMAT_OPTIONS = JSON UTC SUB_SECOND
    NUM_CPUS = ${slots}
    MEMORY = ${slots * 1024}
    NEGOTIATOR_INTERVAL = 1
    NEGOTIATOR_MIN_INTERVAL = 1
    NEGOTIATOR_CYCLE_DELAY = 1
    SCHEDD_MIN_INTERVAL = 1
    SCHEDD_INTERVAL = 5
    UPDATE_INTERVAL = 5
    STARTER_UPDATE_INTERVAL = 5
    SHADOW_QUEUE_UPDATE_INTERVAL = 5
    JOB_START_DELAY = 0
    JOB_START_COUNT = 50
    PERIODIC_EXPR_INTERVAL = 5
    MAX_PERIODIC_EXPR_INTERVAL = 10
  `.replaceAll(/^ +/gm, '');
}
