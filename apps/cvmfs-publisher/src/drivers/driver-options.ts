/** What a driver is made with. Each driver says which of these it reads, and refuses to be made without those it needs. */
export interface DriverOptions {
  /** Fully qualified name of the repository, e.g. `unpacked.example.org`. */
  readonly repository: string;
  /** Where the repository is read; `/cvmfs/<repository>` unless told. The directory driver needs it. */
  readonly root?: string;
  /** How long `begin` waits for its turn, in seconds; 600 unless told. */
  readonly lockWaitSeconds?: number;
  /** cvmfs_server: where locks and the note of the own transaction are kept, shared by all copies of the publisher. */
  readonly stateDirectory?: string;
  /** cvmfs_server: path of the tool; looked for in the system's usual directories unless told. */
  readonly tool?: string;
  /** cvmfs_server: the repository's spool; `/var/spool/cvmfs/<repository>` unless told. */
  readonly spoolDirectory?: string;
  /** cvmfs_server: path or http(s) URL of `.cvmfspublished`; `/srv/cvmfs/<repository>/.cvmfspublished` unless told. */
  readonly manifest?: string;
  /** cvmfs_server: where mounts are listed; `/proc/self/mountinfo` unless told. */
  readonly mountinfo?: string;
  /** cvmfs_server: publish although something on this host reads a file of the repository; its reads then fail. */
  readonly forceRemount?: boolean;
  /** cvmfs_server: how often a publish is tried while a file of the repository is open; 6 unless told. */
  readonly publishAttempts?: number;
  /** cvmfs_server: the pause between such attempts in milliseconds; 5000 unless told. */
  readonly publishRetryMs?: number;
  /** cvmfs_server: environment of the tool, added to a minimal one. Never secrets: the tool's children inherit it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told before each step of a publish and of a recovery, for progress and for tests that end the process there. */
  readonly onStep?: (step: string) => void;
}
