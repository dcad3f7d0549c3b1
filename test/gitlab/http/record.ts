/** A request that came, and what it was answered. */
export interface RecordedRequest {
  /** The route's name, such as `trace`. */
  readonly call: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Bytes of the body. */
  bytes: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  endedAt: number | undefined;
  /** Undefined while it is held; 0 when the connection was cut. */
  status: number | undefined;
}
