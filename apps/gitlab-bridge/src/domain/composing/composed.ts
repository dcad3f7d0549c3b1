import type { JobTemplate, TemplateSecrets } from '#contracts';

/** What a CI job is composed for. */
export interface ComposingContext {
  /** The runner that took it. */
  readonly runner: {
    readonly name: string;
    /** CI_RUNNER_SHORT_TOKEN, which tells runners apart. */
    readonly shortToken?: string | undefined;
  };
  /** Slipway's project that it runs for. */
  readonly project: string;
  /** Address of the GitLab that it came from, with scheme, with or without a path. */
  readonly gitlab: {
    readonly url: string;
    /** Certificates (PEM) that its own is to be checked by; absent: those of the node. */
    readonly ca?: string | undefined;
  };
  /** The backend where SLIPWAY_BACKEND names none: the runner's own; absent: that of the project. */
  readonly backendDefault?: string | undefined;
  /** What the job's image is on the grid (a path on CVMFS); absent: the reference as the job has it. */
  readonly image?: string | undefined;
  /** It is run once for each of many items: what their nodes spend on it counts as often. */
  readonly isItem?: boolean | undefined;
  /** Slipway's version, for CI_RUNNER_VERSION. */
  readonly version?: string | undefined;
}

/** One upload to GitLab, of what the job leaves below `directory` among its outputs. */
export interface ArtifactPlan {
  /** Below the outputs, e.g. slipway-artifacts/0; it is not there where nothing is to be uploaded. */
  readonly directory: string;
  /** File name of the upload without its ending, as GitLab shows it; variables are expanded. */
  readonly name: string;
  /** GitLab's artifact_type: archive, junit, dotenv, … */
  readonly type: string;
  /** GitLab's artifact_format. */
  readonly format: 'zip' | 'gzip' | 'raw';
  /** As the job has it, e.g. "1 week"; empty: what GitLab's settings say. */
  readonly expireIn: string;
  /** After what: the node has collected it only then. */
  readonly when: 'on_success' | 'on_failure' | 'always';
}

/** A CI job that is not run. */
export interface RefusedCiJob {
  readonly refused: {
    /** For the end of the trace. */
    readonly words: string;
    /** One that this GitLab takes. */
    readonly failureReason: string;
  };
}

/** A CI job as a group of the grid has it. */
export interface ComposedCiJob {
  /** Without items, and with nothing secret in it but what a user wrote into a script. */
  readonly template: JobTemplate;
  /** A part of the template, to be sealed wherever it lies: `withSealed` and `withSecrets` put it in. */
  readonly secrets: TemplateSecrets;
  /** Absent: that of the project. */
  readonly backend?: string | undefined;
  /** Lines for the head of the trace. */
  readonly notices: readonly string[];
  readonly artifacts: readonly ArtifactPlan[];
  /** What GitLab gives the job, in seconds; the template's wall time is not longer. */
  readonly timeoutSeconds: number;
}

/** What composing ends with: a job that cannot be run as it is written is told so, and is no error. */
export type ComposingOutcome = RefusedCiJob | ComposedCiJob;

/** A template with what is secret in its place, as the job is run by it. */
export const withSecrets = (template: JobTemplate, secrets: TemplateSecrets): JobTemplate => ({
  ...template,
  environment: { ...template.environment, ...secrets.environment },
  inputs: [...template.inputs, ...secrets.inputs],
});

/** A template with what is secret sealed in it, as it goes over the bus. The purpose is `templateSecretsPurpose`. */
export const withSealed = (
  template: JobTemplate,
  secrets: TemplateSecrets,
  seal: (text: string) => string,
): JobTemplate => ({ ...template, sealed: seal(JSON.stringify(secrets)) });
