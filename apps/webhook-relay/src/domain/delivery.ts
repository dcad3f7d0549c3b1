/** HTTP request headers, names in lower case, as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What came over the network. Nobody has vouched for it: its body must not be parsed. */
export interface Unverified {
  /** The bytes as they came: signatures are over these, not over what they parse to. */
  readonly body: Buffer;
  readonly headers: Headers;
  /** From the request’s path or query, for senders that can prove themselves by their URL alone. */
  readonly urlToken: string | undefined;
}

declare const vouched: unique symbol;

/** A delivery whose sender has proved that it knows a secret of the source. Only {@link vouchFor} makes one. */
export interface Verified {
  readonly [vouched]: true;
  readonly body: Buffer;
  readonly headers: Headers;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Called by a source’s `verify` alone, once the sender has proved itself. */
export function vouchFor(delivery: Unverified, receivedAt: number): Verified {
  const { body, headers } = delivery;
  return { body, headers, receivedAt } as Verified;
}

/** Why a delivery was refused. For the log: the sender learns only that its credentials do not count. */
export interface Refused {
  readonly refused:
    | 'missing_credentials'
    | 'wrong_credentials'
    | 'malformed_credentials'
    | 'stale_timestamp'
    | 'no_such_secret';
}

/** One header as a string; the first where a sender repeats it. */
export function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined || typeof value === 'string') return value;
  return value[0];
}
