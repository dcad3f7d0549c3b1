/** What the API will answer of dead letters and in its diagnosis; goes when `#api` has it. */
export interface DeadLetter {
  readonly id: string;
  readonly queue: string;
  readonly type?: string;
  readonly subject?: string;
  readonly source?: string;
  readonly reason: string;
  readonly code?: string;
  readonly message?: string;
  readonly attempt: number;
  readonly at?: string;
  readonly correlationId?: string;
}

export interface DeadLetterWithPayload extends DeadLetter {
  readonly payload?: unknown;
}

export interface Diagnosis {
  readonly items: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly advice?: string;
  }[];
}
