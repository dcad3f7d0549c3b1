/** The exchanges of the house; all durable. */
export const exchanges = {
  /** Facts; anyone may subscribe. Topic. */
  events: 'slipway.events',
  /** Requests; one owner each. Topic. */
  commands: 'slipway.commands',
  /** Dead letters, by the name of the queue that gave up. Topic. */
  dead: 'slipway.dead',
  /** What nobody was bound to: the alternate exchange of events and commands. */
  unrouted: 'slipway.unrouted',
} as const;
