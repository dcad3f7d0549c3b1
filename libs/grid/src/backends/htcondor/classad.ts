/**
 * A text as a ClassAd string literal. Control characters become spaces: they could begin a new line of a submit
 * description.
 */
export function classAdString(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
  return `"${plain.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** A ClassAd string literal for a submit description, in which `$` would begin a macro. */
export function submitString(text: string): string {
  return classAdString(text).replaceAll('$', '$(DOLLAR)');
}

/** A job's id in HTCondor. */
export interface CondorId {
  readonly cluster: number;
  readonly proc: number;
}

/** `31.0` in its parts; undefined for what is no such id. */
export function parseCondorId(batchId: string): CondorId | undefined {
  const match = /^(\d{1,10})\.(\d{1,10})$/.exec(batchId);
  return match ? { cluster: Number(match[1]), proc: Number(match[2]) } : undefined;
}

/** Procs by cluster; what is no id of HTCondor is left out. */
export function byCluster(batchIds: Iterable<string>): ReadonlyMap<number, readonly number[]> {
  const clusters = new Map<number, number[]>();
  for (const batchId of batchIds) {
    const id = parseCondorId(batchId);
    if (!id) continue;
    const procs = clusters.get(id.cluster);
    if (procs) procs.push(id.proc);
    else clusters.set(id.cluster, [id.proc]);
  }
  return clusters;
}

/** Numbers as ranges from–to, both included, so that an expression over thousands of them stays short. */
export function rangesOf(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

/** An expression that holds for a job whose ProcId is among these. */
export function procExpression(procs: readonly number[]): string {
  const parts = rangesOf(procs).map(([from, to]) =>
    from === to ? `ProcId == ${from}` : `(ProcId >= ${from} && ProcId <= ${to})`,
  );
  return parts.length === 0 ? 'false' : parts.join(' || ');
}

/** An expression that holds for each of these jobs and no other. */
export function idConstraint(clusters: ReadonlyMap<number, readonly number[]>): string {
  const parts = [...clusters].map(
    ([cluster, procs]) => `(ClusterId == ${cluster} && (${procExpression(procs)}))`,
  );
  return parts.length === 0 ? 'false' : parts.join(' || ');
}
