import { permanent } from '#errors';

/** One event of a stream, as the HTML standard says of event streams. */
export interface ServerSentEvent {
  /** The last one that was given, as the standard wants it. */
  readonly id: string;
  /** Empty where the stream does not name it. */
  readonly event: string;
  readonly data: string;
}

/** More than any event; a stream that never ends a line must not fill the memory. */
const mostCharacters = 4 * 1024 * 1024;

/** The events of an answer as they come. */
export async function* serverSentEvents(response: Response): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let fields: { id: string; event: string; data: string[] } = { id: '', event: '', data: [] };
  for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
    const lines = `${rest}${decoder.decode(bytes, { stream: true })}`.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > mostCharacters) throw permanent('command.failed', 'an event is larger than 4 MiB');
    for (const line of lines) {
      if (line === '') {
        if (fields.data.length > 0) yield { ...fields, data: fields.data.join('\n') };
        fields = { id: fields.id, event: '', data: [] };
        continue;
      }
      const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (name === 'data') fields.data.push(value);
      else if (name === 'event' || name === 'id') fields[name] = value;
    }
  }
}
