const toLineStart = '\r\u001B[0K';
const colours = new RegExp(String.raw`\u001B\[[\d;]*[mK]`, 'g');
const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/**
 * The lines of a trace as GitLab's page shows them, without colours: of a line that is renewed the last state, of the marks
 * of sections nothing. What is another for each job (ids, a process in a name, times, the size of what is packed with
 * times, how far a fan-out was when it was last told) is taken out.
 */
export function seenLines(trace: Buffer): readonly string[] {
  return trace
    .toString()
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf(toLineStart) + 1).replaceAll('\r', ''))
    .map((line) => line.replaceAll(colours, ''))
    .map((line) => line.replaceAll(uuid, '<id>').replaceAll(/slipway\.\d+/g, 'slipway.<pid>'))
    .map((line) => line.replace(/: \d+ bytes packed/, ': <size> packed'))
    .map((line) => line.replace(/(which runs first: ).*$/, '$1<command>'))
    .map((line) => line.replace(/^.*(?= · \S+ \S+ brought back)/, '<time>'))
    .map((line) => line.replace(/^\d+ jobs: .* · \d+%.*$/, '<progress>'));
}
