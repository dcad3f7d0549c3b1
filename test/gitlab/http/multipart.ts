import { invalid } from './answer.js';

/** A field of the form, or a file where it has a name for one. */
export interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly bytes: Buffer;
}

/** The parts of a multipart/form-data body (RFC 7578). Throws the Refusal 400 when it is none. */
export function partsOf(contentType: string | undefined, body: Buffer): readonly Part[] {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '');
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) throw invalid('file is missing');
  const parts: Part[] = [];
  const delimiter = Buffer.from(`\r\n--${mark}`);
  let at = body.indexOf(`--${mark}`) + mark.length + 2;
  if (at < mark.length + 2) throw invalid('file is invalid');
  while (body.subarray(at, at + 2).toString() === '\r\n') {
    const head = body.indexOf('\r\n\r\n', at);
    const end = head < 0 ? -1 : body.indexOf(delimiter, head + 2);
    if (head < 0 || end < 0) throw invalid('file is invalid');
    parts.push(partOf(body.subarray(at + 2, head).toString('utf8'), body.subarray(head + 4, end)));
    at = end + delimiter.length;
  }
  if (body.subarray(at, at + 2).toString() !== '--') throw invalid('file is invalid');
  return parts;
}

function partOf(head: string, bytes: Buffer): Part {
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? '';
  const name = /\bname="([^"]*)"/.exec(disposition.replace(/\bfilename="[^"]*"/, ''))?.[1];
  if (name === undefined) throw invalid('file is invalid');
  return { name, filename: /\bfilename="([^"]*)"/.exec(disposition)?.[1], bytes };
}
