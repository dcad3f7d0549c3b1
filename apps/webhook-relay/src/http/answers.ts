import type { Outcome } from '../domain/outcome.js';

/** An HTTP answer, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const problemType = { 'content-type': 'application/problem+json' };

/** RFC 9457. The code is stable; the title is for people. Nothing in it depends on a secret or on the body. */
export function problem(
  status: number,
  code: string,
  title: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = JSON.stringify({ type: 'about:blank', title, status, code });
  return { status, headers: { ...problemType, ...headers }, body };
}

/** For every source name that is not configured, whatever it looks like. */
export const notFound = problem(404, 'relay.not_found', 'Not found');

/** For the address of any hook, there or not, asked with another method; `Allow` says which (RFC 9110, 15.5.6). */
export const wrongMethod = problem(405, 'relay.wrong_method', 'Deliveries are sent with POST', {
  allow: 'POST',
});

/** Told before the body is read where its length is declared. */
export const tooLarge = problem(413, 'relay.too_large', 'The body is larger than this source may send');

/** For all sources share the memory for bodies: the same delivery fits a moment later. */
export const noRoom = problem(503, 'relay.busy', 'Too many bodies are on their way; send it again', {
  'retry-after': '1',
});
/** While it is not known, or not usable, what the source is: the sender shall not take it for gone. */
export const notUsable = problem(
  503,
  'relay.source_unavailable',
  'This cannot be verified now; send it again',
  {
    'retry-after': '30',
  },
);

/** A defect of ours: the log says which. Senders that retry keep the delivery. */
export const failed = problem(500, 'relay.failed', 'The delivery could not be handled');

const refused = problem(401, 'relay.unverified', 'The credentials of this delivery do not count');
const wrongMediaType = problem(415, 'relay.wrong_media_type', 'This source does not send this content type');

/**
 * The answer to an outcome, the same for every kind of source: 2xx for all that was understood, wanted or not, because
 * senders take anything else for a failure: some retry it for ever, some disable the hook.
 */
export function answerTo(outcome: Outcome): Answer {
  switch (outcome.kind) {
    case 'accepted':
      return accepted(outcome.published, outcome.dropped.length);
    case 'refused':
      return refused;
    case 'wrong_media_type':
      return wrongMediaType;
    case 'not_this_format':
      return problem(400, 'relay.not_this_format', `Not what this source sends: ${outcome.expected}`);
    case 'too_many':
      return problem(429, 'relay.too_many', 'More deliveries than this source may send', {
        'retry-after': String(outcome.retryAfterSeconds),
      });
    default:
      return problem(503, 'relay.unavailable', 'The broker has not confirmed; send it again', {
        'retry-after': String(outcome.retryAfterSeconds),
      });
  }
}

const acceptedHeaders = { 'content-type': 'application/json' };
const acceptedOne = acceptedWith(1, 0);

function accepted(published: number, dropped: number): Answer {
  return published === 1 && dropped === 0 ? acceptedOne : acceptedWith(published, dropped);
}

function acceptedWith(published: number, dropped: number): Answer {
  return { status: 202, headers: acceptedHeaders, body: JSON.stringify({ published, dropped }) };
}
