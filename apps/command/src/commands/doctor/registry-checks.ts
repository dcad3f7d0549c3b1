import type { Me } from '#api';
import type { Context } from '../../context.js';
import { isProblem } from '../../clients/problem-error.js';
import { registryOf, type RegistryClient } from '../../clients/registry.client.js';
import { meWords } from '../sign-in/me.js';
import { check, fail, type Finding, ok, warn } from './finding.js';

/** What the registry answers of itself. */
interface Diagnosed {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly advice?: string;
}

/** Whether the registry is reached and knows us, and what it finds. */
export async function* registryChecks(context: Context): AsyncGenerator<Finding> {
  let registry: RegistryClient;
  try {
    registry = registryOf(context);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    yield fail('sign-in', text, 'slipway login URL');
    return;
  }
  const { url } = registry.address;
  yield transportFinding(url);
  const signIn = await check(
    'registry',
    'is the URL right, does the registry run, and does a firewall let you through?',
    async () => {
      try {
        const me = await registry.get<Me>('/me');
        return ok('sign-in', meWords(me));
      } catch (error) {
        if (isProblem(error, 401, 403)) return fail('sign-in', error.message, `slipway login ${url}`);
        throw error;
      }
    },
  );
  yield signIn;
  if (signIn.state === 'fail') return;
  yield* diagnosed(registry);
}

function transportFinding(url: string): Finding {
  if (url.startsWith('https:') || /^http:\/\/(?:localhost|127\.|\[::1\])/.test(url))
    return ok('registry URL', url);
  return warn(
    'registry URL',
    `${url} is not encrypted`,
    'put the registry behind https: keys are readable on the way',
  );
}

async function* diagnosed(registry: RegistryClient): AsyncGenerator<Finding> {
  try {
    const answer = await registry.get<{ readonly items: readonly Diagnosed[] }>('/diagnosis');
    for (const { name, ok: isOk, detail, advice } of answer.items) {
      yield isOk
        ? ok(`registry: ${name}`, detail)
        : fail(`registry: ${name}`, detail, advice ?? "see the registry's log");
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (isProblem(error, 403)) yield warn('diagnosis', text, 'ask an admin to run slipway doctor');
    else yield fail('diagnosis', text, "see the registry's log");
  }
}
