import { isBuiltin, packageOf, type SourceFile, sourceFiles } from './source-files.js';

/** Which libraries each library may use. An application may use all of them. */
const mayUse: Readonly<Record<string, readonly string[]>> = {
  'libs/access': ['#contracts', '#errors', '#secrets'],
  'libs/api': ['#contracts'],
  'libs/errors': [],
  'libs/contracts': [],
  'libs/bus': ['#contracts', '#errors'],
  'libs/database': ['#contracts', '#errors'],
  'libs/embedded': ['#errors'],
  'libs/gitlab': ['#errors'],
  'libs/grid': ['#contracts', '#errors', '#secrets'],
  'libs/oci': ['#contracts', '#errors'],
  'libs/registry-copy': ['#bus', '#contracts', '#errors', '#secrets', '#service'],
  'libs/secrets': ['#errors'],
  'libs/service': ['#errors'],
  'libs/settings': ['#contracts', '#errors'],
  'libs/zip': ['#errors'],
};

/** What decides must not depend on what it is asked through or what it acts on. */
const notInDomain =
  /^(?:@nestjs\/.*|amqplib|typeorm|pg|fastify|undici|dockerode|pino|node:(?:http|https|http2|net|tls|dgram)|#bus|#database|#service)$/;

const maxLines = 300;

const files = sourceFiles();
const shipped = files.filter(({ isTest, path }) => !isTest && /^(?:apps|libs)\//.test(path));

/** One line for each offence, so that a failure reads as a list of what to change. */
function offences(
  of: readonly SourceFile[],
  judge: (file: SourceFile) => readonly (string | undefined)[],
): readonly string[] {
  return of.flatMap((file) =>
    judge(file).flatMap((reason) => (reason === undefined ? [] : [`${file.path} ${reason}`])),
  );
}

describe('the parts of Slipway', () => {
  it('are found, so that the rules below judge something', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(100);
  });

  it('import files of their own relatively, and others by name alone; tests also what is in test/', () => {
    const crossing = offences(files, ({ imports, isTest, part }) =>
      imports.map(({ file, specifier }) =>
        file !== undefined && !file.startsWith(`${part}/`) && !(isTest && file.startsWith('test/'))
          ? `imports ${specifier}, a file of another part`
          : undefined,
      ),
    );
    expect(crossing).toEqual([]);
  });
});

describe('libraries', () => {
  it('use only the libraries below them', () => {
    const used = offences(
      shipped.filter(({ part }) => part.startsWith('libs/')),
      ({ imports, part }) =>
        imports.map(({ specifier }) =>
          specifier.startsWith('#') && !mayUse[part]?.includes(specifier)
            ? `imports ${specifier}; ${part} may use ${mayUse[part]?.join(', ') || 'no library'}`
            : undefined,
        ),
    );
    expect(used).toEqual([]);
  });

  it('that ship do not need what tests need', () => {
    const used = offences(shipped, ({ imports }) =>
      imports.map(({ specifier }) => (specifier === '#lab' ? 'imports #lab' : undefined)),
    );
    expect(used).toEqual([]);
  });

  it('libs/contracts imports zod alone, so that anybody can read the vocabulary', () => {
    const imported = offences(
      shipped.filter(({ part }) => part === 'libs/contracts'),
      ({ imports }) =>
        imports.map(({ file, specifier }) =>
          file === undefined && specifier !== 'zod' ? `imports ${specifier}` : undefined,
        ),
    );
    expect(imported).toEqual([]);
  });
});

describe('apps/console', () => {
  it('runs in a browser: it imports nothing of Node, and of ours only what says how to talk to the API', () => {
    const imported = offences(
      files.filter(({ path }) => path.startsWith('apps/console/src/')),
      ({ imports }) =>
        imports.map(({ specifier }) =>
          isBuiltin(specifier) || (specifier.startsWith('#') && !['#api', '#contracts'].includes(specifier))
            ? `imports ${specifier}`
            : undefined,
        ),
    );
    expect(imported).toEqual([]);
  });
});

describe('domain/', () => {
  const domain = shipped.filter(({ path }) => /^apps\/[^/]+\/src\/domain\//.test(path));

  it('imports no Nest, AMQP, SQL or HTTP', () => {
    const imported = offences(domain, ({ imports }) =>
      imports.map(({ specifier }) =>
        notInDomain.test(specifier) || notInDomain.test(packageOf(specifier))
          ? `imports ${specifier}`
          : undefined,
      ),
    );
    expect(imported).toEqual([]);
  });

  it('imports nothing of what surrounds it', () => {
    const imported = offences(domain, ({ imports }) =>
      imports.map(({ file, specifier }) =>
        file !== undefined && /\/src\/(?:http|messages|storage|clients)\//.test(file)
          ? `imports ${specifier}`
          : undefined,
      ),
    );
    expect(imported).toEqual([]);
  });
});

describe('every file', () => {
  it('that ships leaves the environment to config.ts and libs/service', () => {
    const readers = offences(shipped, ({ path, part, text }) =>
      /\bprocess\.env\b/.test(text) && !path.endsWith('/config.ts') && part !== 'libs/service'
        ? ['reads process.env']
        : [],
    );
    expect(readers).toEqual([]);
  });

  it(`has at most ${maxLines} lines`, () => {
    const long = offences(files, ({ text }) => {
      const lines = text.split('\n').length - 1;
      return lines > maxLines ? [`has ${lines} lines`] : [];
    });
    expect(long).toEqual([]);
  });

  it('has a name in kebab case that says what it is', () => {
    const odd = offences(files, ({ path }) => {
      const name = path.split('/').at(-1) ?? '';
      if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*\.tsx?$/.test(name))
        return ['is not kebab-case'];
      return /(?:^|[-.])(?:utils?|helpers?|managers?|base|common|misc)(?:[-.])/.test(name)
        ? ['says nothing']
        : [];
    });
    expect(odd).toEqual([]);
  });

  it('names built-in modules with node:', () => {
    const bare = offences(files, ({ imports }) =>
      imports.map(({ specifier }) =>
        isBuiltin(specifier) && !specifier.startsWith('node:') ? `imports ${specifier}` : undefined,
      ),
    );
    expect(bare).toEqual([]);
  });

  it('runs all its tests', () => {
    const focused = offences(files, ({ text }) =>
      /\b(?:it|test|describe)\.only\b/.test(text) ? ['runs some alone'] : [],
    );
    expect(focused).toEqual([]);
  });

  it('listens on ports that fetch reaches: Linux may give for 0 one of those that it refuses, such as 6667', () => {
    const anywhere = offences(files, ({ text }) =>
      /\.listen\((?:0\b|\{[^}]*\bport: 0\b)/.test(text) ? ['listens on port 0; see listenOnFreePort'] : [],
    );
    expect(anywhere).toEqual([]);
  });

  it('hides nothing from the compiler', () => {
    const silenced = offences(files, ({ text }) =>
      /@ts-(?:ignore|nocheck|expect-error)/.test(text) ? ['silences the compiler'] : [],
    );
    expect(silenced).toEqual([]);
  });
});
