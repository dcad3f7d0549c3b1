import type { jobSubmit, PayloadOf } from '#contracts';

/** A group as it is handed in. */
export type WantedGroup = PayloadOf<typeof jobSubmit>;
