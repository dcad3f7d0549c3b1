import { header, type Envelope, type Headers } from './envelope.js';

/**
 * One object that carries the headers of one message after the other. amqplib makes a message's headers the prototype
 * of an object of its own, and an object that becomes a prototype costs V8 more than all the encoding does. It can be
 * lent out again at once: amqplib has written the headers down when its `publish` returns.
 */
export class HeaderCarrier {
  // All keys from the start, so that its shape never changes; amqplib leaves out what is undefined.
  private readonly headers: Headers = {
    [header.specversion]: '1.0',
    [header.id]: '',
    [header.source]: '',
    [header.type]: '',
    [header.time]: '',
    [header.subject]: undefined,
    [header.correlationId]: undefined,
    [header.causationId]: undefined,
    [header.traceparent]: undefined,
  };

  /** The envelope's headers, good until the next call. */
  load(envelope: Envelope): Headers {
    const { headers } = this;
    headers[header.id] = envelope.id;
    headers[header.source] = envelope.source;
    headers[header.type] = envelope.type;
    headers[header.time] = envelope.time;
    headers[header.subject] = envelope.subject;
    headers[header.correlationId] = envelope.correlationId;
    headers[header.causationId] = envelope.causationId;
    headers[header.traceparent] = envelope.traceparent;
    return headers;
  }
}
