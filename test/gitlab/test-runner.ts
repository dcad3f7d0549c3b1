import { crc32 } from './crc32.js';
import { type TestGitLab } from './gitlab.js';
import { type Runner } from './model.js';

/** The features that a runner with all of them declares. */
export const allFeatures = {
  variables: true,
  artifacts: true,
  cache: true,
  upload_multiple_artifacts: true,
  upload_raw_artifacts: true,
  refspecs: true,
  masking: true,
  raw_variables: true,
  artifacts_exclude: true,
  multi_build_steps: true,
  trace_reset: true,
  trace_checksum: true,
  trace_size: true,
  cancelable: true,
  cancel_gracefully: true,
  return_exit_code: true,
  fallback_cache_keys: true,
};

/** A job as it came with 201, as far as the tests look at it. */
export interface ReceivedJob {
  readonly id: number;
  readonly token: string;
  readonly git_info: {
    readonly repo_url: string;
    readonly refspecs: readonly string[];
    readonly sha: string;
  };
  readonly variables: readonly { readonly key: string; readonly value: string; readonly masked: boolean }[];
  readonly dependencies: readonly { readonly id: number; readonly token: string }[];
  readonly [key: string]: unknown;
}

/** The calls of a runner one by one, without any cleverness: for tests that say what GitLab answers. */
export class BareRunner {
  constructor(
    private readonly gitlab: TestGitLab,
    readonly runner: Runner,
    private readonly features: Readonly<Record<string, boolean>> = allFeatures,
  ) {}

  async request(lastUpdate?: string): Promise<Response> {
    return this.call('POST', '/jobs/request', {
      token: this.runner.token,
      system_id: 's_0123456789ab',
      ...(lastUpdate === undefined ? {} : { last_update: lastUpdate }),
      info: { name: 'bare', version: '1', executor: 'shell', shell: 'bash', features: this.features },
    });
  }

  /** The next job. Throws when there is none. */
  async take(): Promise<ReceivedJob> {
    const response = await this.request();
    if (response.status !== 201) throw new Error(`no job: ${response.status}`);
    return (await response.json()) as ReceivedJob;
  }

  async patch(
    job: ReceivedJob,
    start: number,
    text: string | Buffer,
    headers: object = {},
  ): Promise<Response> {
    const bytes = Buffer.from(text);
    return fetch(`${this.gitlab.url}/api/v4/jobs/${job.id}/trace`, {
      method: 'PATCH',
      headers: {
        'JOB-TOKEN': job.token,
        'content-type': 'text/plain',
        'content-range': `${start}-${start + bytes.length - 1}`,
        ...headers,
      },
      body: new Uint8Array(bytes),
    });
  }

  async put(job: ReceivedJob, body: Readonly<Record<string, unknown>>): Promise<Response> {
    return this.call('PUT', `/jobs/${job.id}`, { token: job.token, ...body }, { 'JOB-TOKEN': job.token });
  }

  /** The final PUT as it has to be for this trace. */
  async finish(job: ReceivedJob, trace: string, state: Readonly<Record<string, unknown>>): Promise<Response> {
    const bytes = Buffer.from(trace);
    const checksum = `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
    return this.put(job, { ...state, checksum, output: { checksum, bytesize: bytes.length } });
  }

  async upload(
    job: ReceivedJob,
    bytes: Buffer,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(bytes)]), 'artifacts.zip');
    const text = new URLSearchParams(query).toString();
    return fetch(`${this.gitlab.url}/api/v4/jobs/${job.id}/artifacts?${text}`, {
      method: 'POST',
      headers: { 'JOB-TOKEN': job.token },
      body: form,
    });
  }

  async call(
    method: string,
    path: string,
    body: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return fetch(`${this.gitlab.url}/api/v4${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'RUNNER-TOKEN': this.runner.token, ...headers },
      body: JSON.stringify(body),
    });
  }
}
