import type { Paint } from './output/paint.js';

/** Where results and remarks go. */
export interface Output {
  readonly json: boolean;
  readonly paint: Paint;
  /** Columns of the terminal; undefined where the output is piped. */
  readonly width: number | undefined;
  /** The command's result: the value as JSON for programs, the text for people. */
  result(value: unknown, text: () => string | Promise<string>): Promise<void>;
  /** Text on standard output as it is, in both modes. */
  raw(text: string): void;
  /** A remark for people, on standard error; nothing with --json. */
  note(text: string): void;
  /** Whether remarks may be drawn over: standard error is a terminal, and nobody wants JSON. */
  readonly isLive: boolean;
}

/** What a person or a pipe hands in. */
export interface Keyboard {
  readonly isTerminal: boolean;
  /** Everything on standard input. */
  read(): Promise<string>;
  /** A line; not shown while typed where it is secret. Throws `command.usage` where nobody can answer. */
  ask(question: string, options?: { readonly secret?: boolean }): Promise<string>;
}

/** What a command works with. */
export interface Context {
  readonly out: Output;
  readonly keyboard: Keyboard;
  /** The environment, once more with names: nothing else reads it. */
  readonly environment: Environment;
  /** --url. */
  readonly url: string | undefined;
  /** Ends with Ctrl-C. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** What the command takes from the environment. */
export interface Environment {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  /** Where its own files are: $XDG_CONFIG_HOME/slipway, else ~/.config/slipway. */
  readonly directory: string;
  readonly editor: string;
  readonly path: string;
  readonly noColour: boolean;
  readonly forceColour: boolean;
  /** slipway.yml of the services on this machine, for the doctor. */
  readonly settingsFile: string | undefined;
  /** The services' own broker and database, for the doctor; secrets. */
  readonly amqpUrl: string | undefined;
  readonly postgresUrl: string | undefined;
  readonly dockerHost: string | undefined;
}
