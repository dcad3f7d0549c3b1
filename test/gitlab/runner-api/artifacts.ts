import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { artifactFormats } from '../ci/reports.js';
import { type Answer, type Call, invalid, refuse } from '../http/answer.js';
import { partsOf } from '../http/multipart.js';
import { type Route } from '../http/server.js';
import { type Job } from '../job.js';
import { type Artifact } from '../model.js';
import { type World } from '../world.js';
import { jobOf, jobTokenOf, runningJobOf } from './identity.js';

const magicBytes: Readonly<Record<string, string>> = { zip: '504b', gzip: '1f8b' };

/** A job's artifacts: uploaded once for each type, and downloaded, by way of an object storage too. */
export function artifactRoutes(world: World): readonly Route[] {
  return [
    {
      name: 'upload',
      method: 'POST',
      pattern: '/api/v4/jobs/:id/artifacts',
      handle: async (call) => upload(world, call),
    },
    {
      name: 'download',
      method: 'GET',
      pattern: '/api/v4/jobs/:id/artifacts',
      handle: (call) => download(world, call),
    },
    {
      name: 'object-storage',
      method: 'GET',
      pattern: '/object-storage/:id/:signature/artifacts.zip',
      handle: (call) => stored(world, call),
    },
  ];
}

async function upload(world: World, call: Call): Promise<Answer> {
  // As GitLab's front door does, before the body: by the header alone.
  const early = runningJobOf(world, call, jobTokenOf(call));
  if (Number(call.headers['content-length'] ?? 0) > world.limits.artifactBytes + 64 * 1024) tooLarge();
  const parts = partsOf(call.headers['content-type'], await call.body());
  const job = runningJobOf(world, call, early.token);
  const field = (name: string): string | undefined =>
    call.query.get(name) ?? parts.find((part) => part.name === name)?.bytes.toString('utf8');
  const file = parts.find(({ name, filename }) => name === 'file' && filename !== undefined);
  if (!file) throw invalid('file is missing');
  const type = field('artifact_type') ?? 'archive';
  const format = field('artifact_format') ?? 'zip';
  if (artifactFormats[type] === undefined) throw invalid('artifact_type does not have a valid value');
  if (!Object.values(artifactFormats).includes(format))
    throw invalid('artifact_format does not have a valid value');
  if (file.bytes.length > world.limits.artifactBytes) tooLarge();
  const artifact: Artifact = {
    type,
    format,
    filename: file.filename ?? '',
    bytes: Buffer.from(file.bytes),
    sha256: createHash('sha256').update(file.bytes).digest('hex'),
    expireIn: field('expire_in'),
  };
  return keep(world, job, artifact);
}

function keep(world: World, job: Job, artifact: Artifact): Answer {
  const { bytes, format, type } = artifact;
  const known = job.artifacts.find((each) => each.type === type);
  if (known?.sha256 === artifact.sha256) return created;
  if (artifactFormats[type] !== format) {
    throw refuse(
      400,
      `400 Bad request - Validation failed: File format Invalid file format with specified file type`,
    );
  }
  const magic = magicBytes[format];
  if (magic !== undefined && bytes.subarray(0, 2).toString('hex') !== magic) {
    world.complaints.push(`an artifact ${type} that is no ${format}`);
  }
  if (known) throw refuse(400, '400 Bad request - another artifact of the same type already exists');
  if (type === 'dotenv') {
    for (const [key, value] of dotenvOf(bytes)) job.dotenv.set(key, value);
  }
  job.artifacts.push(artifact);
  return created;
}

const created: Answer = { status: 201, body: '201' };

function tooLarge(): never {
  throw refuse(413, '413 Request Entity Too Large - file size has reached maximum size limit');
}

function dotenvOf(bytes: Buffer): readonly (readonly [string, string])[] {
  let text: string;
  try {
    text = gunzipSync(bytes).toString('utf8');
  } catch {
    throw refuse(400, '400 Bad request - Invalid Format');
  }
  if (text.length > 5 * 1024)
    throw refuse(400, '400 Bad request - Dotenv Artifact Too Big. Maximum Allowable Size: 5120');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, key, value] = /^([A-Za-z_]\w*)=(.*?)\r?$/.exec(line.trim()) ?? [];
      if (key === undefined || value === undefined) throw refuse(400, '400 Bad request - Invalid Format');
      return [key, value] as const;
    });
}

function download(world: World, call: Call): Answer {
  const token = jobTokenOf(call);
  const dependent = world.jobs.find((each) => each.token === token && each.state === 'running');
  const target = world.job(Number(call.params['id']));
  // With the token of a running job of the same project, or with the artifacts' own job's.
  const job =
    dependent && target && target !== dependent && target.pipeline.project === dependent.pipeline.project
      ? target
      : jobOf(world, call, token);
  const archive = archiveOf(job);
  if (call.query.get('direct_download') === 'true') {
    const location = `${world.url}/object-storage/${job.id}/${archive.sha256}/artifacts.zip`;
    return { status: 302, headers: { Location: location } };
  }
  return zip(archive);
}

/** A store that takes two credentials at once for an error, as S3 does with a signed address; of others' headers it knows nothing. */
function stored(world: World, call: Call): Answer {
  if (call.headers['job-token'] !== undefined) {
    world.complaints.push("a job's token was sent to the object storage");
  }
  if (call.headers.authorization !== undefined) {
    return {
      status: 400,
      headers: { 'content-type': 'application/xml' },
      body: '<Error><Code>InvalidArgument</Code></Error>',
    };
  }
  const job = world.job(Number(call.params['id']));
  const archive = job?.artifacts.find(({ type }) => type === 'archive');
  if (archive?.sha256 !== call.params['signature'] || !archive) return { status: 403, body: '' };
  return zip(archive);
}

function archiveOf(job: Job): Artifact {
  const archive = job.artifacts.find(({ type }) => type === 'archive');
  if (!archive) throw refuse(404);
  return archive;
}

function zip({ bytes, filename }: Artifact): Answer {
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="${filename}"`,
    },
    body: bytes,
  };
}
