import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { permanent } from '#errors';
import { type Submission, transferredFiles } from '../../backend.js';

/** Slurm's own limit unless a site changed it (`max_script_size`), less what its accounting adds. In bytes. */
const mostBytes = 4 * 2 ** 20 - 65_536;
const plainBytes = 32_768;

/** Where a job's exit code is, once all its other files are there. */
export const exitFile = 'slipway-exit';

/** Where a job puts what is brought back; `directory` is on a file system that all nodes share. */
export interface SharedPlace {
  readonly directory: string;
  readonly house: string;
}

/** Directory of a job's files, and the file that Slurm writes its standard output to. */
export const placeOfJob = ({ directory, house }: SharedPlace, batchId: string) => ({
  files: `${directory}/${house}-${batchId}`,
  output: `${directory}/${house}-${batchId}.out`,
});

/**
 * The script that Slurm runs on the node, with all of the job's files in it: no file system has to be shared for that,
 * and a task of an array takes its own settings. It is one command from end to end, so that half a script runs nothing
 * and no line of ours is taken for a directive (`#SBATCH` counts before the first command alone).
 *
 * Throws permanent `grid.refused` when it is larger than Slurm takes.
 */
export function batchScript(submission: Submission, place: SharedPlace | undefined): string {
  const { attempts, wrapper, groupSettings } = submission;
  const settings = attempts.map(
    (attempt, index) => `${index})\n${file('slipway-attempt.sh', attempt.settings)}\n;;`,
  );
  const text = [
    '#!/bin/sh',
    '{',
    'umask 077',
    // The shell stays to clean up; what it starts hears of the end by itself.
    'trap : TERM INT HUP',
    'slipway_task=${SLURM_ARRAY_TASK_ID-0}',
    ...(place === undefined ? [] : sharedBegin(place)),
    'slipway_here=$(mktemp -d "${TMPDIR:-/tmp}/slipway-XXXXXXXXXX") && cd "$slipway_here" || exit 97',
    'trap \'cd / && rm -rf "$slipway_here"\' EXIT',
    file('slipway-job.sh', wrapper),
    file('slipway-group.sh', groupSettings),
    `case $slipway_task in\n${settings.join('\n')}\n*) exit 97 ;;\nesac`,
    ...(place === undefined ? [] : ['ln -s "$slipway_out/slipway.log" slipway.log']),
    'sh ./slipway-job.sh',
    'slipway_exit=$?',
    ...(place === undefined ? [] : sharedEnd()),
    'exit "$slipway_exit"',
    '}',
    '',
  ].join('\n');
  const bytes = Buffer.byteLength(text);
  if (bytes <= mostBytes) return text;
  throw permanent(
    'grid.refused',
    `the jobs' scripts and settings make ${bytes} bytes; Slurm takes ${mostBytes} in one submission`,
  );
}

function sharedBegin(place: SharedPlace): readonly string[] {
  const job = '${SLURM_ARRAY_JOB_ID-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID+_$SLURM_ARRAY_TASK_ID}';
  return [
    `slipway_out=${quoted(`${place.directory}/${place.house}-`)}"${job}"`,
    // A batch system that began to count anew may have used this id before. The group is the service's.
    'rm -rf "$slipway_out" && mkdir "$slipway_out" && chmod g+rwx "$slipway_out" || exit 97',
  ];
}

/** The log is there already, while it is written; the rest appears whole, at the end. */
function sharedEnd(): readonly string[] {
  const moves =
    'cp "$slipway_file" "$slipway_out/.$slipway_file" && mv "$slipway_out/.$slipway_file" "$slipway_out/$slipway_file"';
  return [
    `for slipway_file in ${transferredFiles.join(' ')}; do`,
    `  if [ -f "$slipway_file" ] && [ ! -L "$slipway_file" ]; then ${moves}; fi`,
    'done',
    `printf '%s\\n' "$slipway_exit" >"$slipway_out/${exitFile}"`,
    'chmod -R g+rwX "$slipway_out"',
  ];
}

/** A command that writes a file for nobody else to read. */
function file(name: string, content: string): string {
  const end = `END_${randomBytes(16).toString('hex')}`;
  // Slurm takes no script with carriage returns in it.
  if (content.includes('\r') || content.length > plainBytes) {
    const packed = gzipSync(content).toString('base64').replaceAll(/.{76}/g, '$&\n');
    return `base64 -d <<'${end}' | gzip -dc >${name}\n${packed}\n${end}`;
  }
  return `cat >${name} <<'${end}'\n${content}${content.endsWith('\n') ? '' : '\n'}${end}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
