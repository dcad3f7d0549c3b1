/** Something that goes wrong with the next calls of a kind. */
export interface Fault {
  /** The route's name (`request`, `trace`, `update`, …); undefined: any call. */
  readonly call?: string;
  /** Only calls whose path has this in it, such as `/jobs/17/`. */
  readonly path?: string;
  /** Only calls whose body has this in it, such as `"state":"success"`. */
  readonly says?: string;
  /** Only calls whose body has more bytes. */
  readonly largerThan?: number;
  /** How often; once unless told. */
  readonly times?: number;
  /** Answer this instead. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
  /** Close the connection instead of an answer. */
  readonly cut?: boolean;
  /** Whether the call is carried out all the same, and only its answer is another: the worst a client may meet. */
  readonly afterwards?: boolean;
  /** Wait so long first, in milliseconds. */
  readonly delayMs?: number;
}

interface Plan {
  readonly fault: Fault;
  left: number;
}

/** The faults that are to come, and how often each came. */
export class Faults {
  private readonly planned: Plan[] = [];

  /** Adds a fault behind those that wait; gives the count of how often it has still to come. */
  add(fault: Fault): { readonly left: () => number } {
    const plan = { fault, left: fault.times ?? 1 };
    this.planned.push(plan);
    return { left: () => plan.left };
  }

  clear(): void {
    this.planned.length = 0;
  }

  /** The fault that this call meets. `body` is asked for only where one depends on it. */
  async take(call: string, path: string, body: () => Promise<Buffer>): Promise<Fault | undefined> {
    const isMeant = ({ fault, left }: Plan): boolean =>
      left > 0 && (fault.call ?? call) === call && path.includes(fault.path ?? '');
    const isOfBody = ({ fault }: Plan): boolean => fault.says !== undefined || fault.largerThan !== undefined;
    const bytes = this.planned.some((plan) => isMeant(plan) && isOfBody(plan))
      ? await body()
      : Buffer.alloc(0);
    const plan = this.planned.find(
      (one) =>
        isMeant(one) &&
        bytes.includes(one.fault.says ?? '') &&
        (one.fault.largerThan === undefined || bytes.length > one.fault.largerThan),
    );
    if (!plan) return undefined;
    plan.left -= 1;
    return plan.fault;
  }
}
