import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { permanent, toAppError } from '#errors';
import type { Action } from '../../command-definition.js';
import { isProblem } from '../../clients/problem-error.js';
import { registryOf, type RegistryClient } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { usage } from '../../errors/usage.js';
import { pathName } from '../../errors/tell-error.js';
import { changesOf, changesText } from '../../output/changes.js';
import { parseSpec } from './create.action.js';
import { kindOf, pathOf, readResource, type ResourceState, type Spec } from './resource.js';

/** `slipway <kind> edit NAME`. */
export const edit =
  (plural: string): Action =>
  async (context, input) => {
    const { out, keyboard } = context;
    const registry = registryOf(context);
    const name = input.argument('name');
    const { state, etag } = await readResource(registry, plural, name);
    const file = join(
      mkdtempSync(join(tmpdir(), 'slipway-edit-')),
      `${name.replaceAll(/[^\w.-]/g, '_')}.yml`,
    );
    const { stringify } = await import('yaml');
    const title = `${kindOf(plural).title} ${name}, version ${state.version}`;
    writeFileSync(
      file,
      `# ${title}. What is saved is sent; an unchanged file changes nothing.\n${stringify(state.spec)}`,
      {
        mode: 0o600,
      },
    );
    for (;;) {
      await openEditor(context, file);
      try {
        const spec = await parseSpec(readFileSync(file, 'utf8'), file);
        const fields = changesOf(state.spec, spec);
        const after = fields.length === 0 ? state : await save(registry, plural, state, spec, etag);
        rmSync(dirname(file), { recursive: true });
        await out.result(after, () =>
          fields.length === 0 ? 'nothing changes' : `changed ${title}\n${changesText(fields, out.paint)}`,
        );
        return;
      } catch (error) {
        if (isProblem(error, 412)) throw await conflict(context, registry, plural, state, file);
        out.note(faultText(error));
        const again = keyboard.isTerminal && (await keyboard.ask('Edit again? [Y/n] ')).toLowerCase() !== 'n';
        if (again) continue;
        out.note(`what you wrote is in ${file}`);
        throw error;
      }
    }
  };

const save = async (
  registry: RegistryClient,
  plural: string,
  { name }: ResourceState,
  body: Spec,
  etag: string,
): Promise<ResourceState> =>
  (
    await registry.request<ResourceState>('PUT', pathOf(plural, name), {
      body,
      headers: { 'if-match': etag },
    })
  ).body;

/** Somebody else was faster: what they changed, and where one's own text is. */
async function conflict(
  { out }: Context,
  registry: RegistryClient,
  plural: string,
  before: ResourceState,
  file: string,
): Promise<Error> {
  const { state: now } = await readResource(registry, plural, before.name);
  out.note(`${now.by} changed it meanwhile, to version ${now.version}:`);
  out.note(changesText(changesOf(before.spec, now.spec), out.paint));
  const advice = `edit it again; what you wrote is in ${file}`;
  return permanent(
    'command.conflict',
    `${before.name} is at version ${now.version}, not ${before.version} any more: ${advice}`,
  );
}

function faultText(error: unknown): string {
  const fields = isProblem(error)
    ? (error.problem.errors ?? []).map(({ path, message }) => `  ${pathName(path)}: ${message}`)
    : [];
  return [toAppError(error).message, ...fields].join('\n');
}

/** Opens the editor on the terminal, and waits. Its settings may hold options, but no shell is asked. */
async function openEditor({ environment, signal }: Context, file: string): Promise<void> {
  const [program = 'vi', ...args] = environment.editor.split(/\s+/);
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(program, [...args, file], { stdio: 'inherit', signal });
    child.once('error', (error) =>
      reject(usage(`the editor "${program}" cannot be started (${error.message}): set EDITOR`)),
    );
    child.once('close', resolve);
  });
  if (status !== 0) throw usage(`the editor "${program}" ended with ${status}: nothing is changed`);
}
