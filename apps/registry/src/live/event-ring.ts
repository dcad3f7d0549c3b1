/** An event as it is sent to readers. */
export interface ToldEvent {
  readonly id: string;
  /** Without its version, e.g. `image.published`. */
  readonly name: string;
  /** The event as JSON, in one line. */
  readonly data: string;
}

/** The latest events, so that a reader whose connection broke for a moment misses none. */
export class EventRing {
  private readonly events: ToldEvent[] = [];
  private characters = 0;

  constructor(private readonly limits: { readonly events: number; readonly characters: number }) {}

  add(event: ToldEvent): void {
    this.events.push(event);
    this.characters += event.data.length;
    while (this.events.length > this.limits.events || this.characters > this.limits.characters) {
      this.characters -= this.events.shift()?.data.length ?? 0;
    }
  }

  /** What came after that event; undefined where it is not known any more. */
  after(id: string): readonly ToldEvent[] | undefined {
    const index = this.events.findLastIndex((event) => event.id === id);
    return index < 0 ? undefined : this.events.slice(index + 1);
  }

  /** What was heard before no longer leads to what comes. */
  clear(): void {
    this.events.length = 0;
    this.characters = 0;
  }
}
