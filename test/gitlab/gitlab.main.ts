import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { type FileContent } from './git/repository.js';
import { startGitLab } from './gitlab.js';

/** What the process is started with, as JSON in its first argument. */
const settings = z.object({
  port: z.int().default(0),
  longPollMs: z.int().default(1_000),
  people: z.array(z.string()).default(['alice']),
  projects: z
    .array(
      z.object({
        path: z.string(),
        /** The directory whose files are the first commit. */
        directory: z.string().optional(),
        files: z.record(z.string(), z.string()).default({}),
      }),
    )
    .default([]),
  runners: z.array(z.object({ tags: z.array(z.string()) })).default([{ tags: [] }]),
});

async function filesIn(directory: string): Promise<Readonly<Record<string, FileContent>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.map(async (file) => {
    const content = await readFile(file);
    const isProgram = ((await stat(file)).mode & 0o100) !== 0;
    return [relative(directory, file), isProgram ? { content, mode: '100755' as const } : content] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

const given = settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const gitlab = await startGitLab({ port: given.port, limits: { longPollMs: given.longPollMs } });
const people = given.people.map((login) => gitlab.addPerson(login));
const projects = [];
for (const { path, directory, files } of given.projects) {
  const all = { ...(directory === undefined ? {} : await filesIn(directory)), ...files };
  const project = await gitlab.createProject({ path, files: all });
  for (const person of people.slice(1)) project.addMember(person, 30);
  projects.push({ id: project.id, path });
}
const ready = {
  url: gitlab.url,
  projects,
  runners: given.runners
    .map((options) => gitlab.createRunner(options))
    .map(({ id, token }) => ({ id, token })),
  people: people.map((person) => ({ login: person.login, token: gitlab.addToken(person) })),
};
process.stdout.write(`${JSON.stringify(ready)}\n`);

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  gitlab.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
