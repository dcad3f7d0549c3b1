import { Client } from 'pg';
import { derivedName } from './derived-name.js';
import { sharedServer } from './servers.js';

/** A schema of the run's PostgreSQL that belongs to one test file. */
export interface IsolatedSchema {
  /** Address of the database, with a superuser's name and password in it. */
  readonly url: string;
  readonly schema: string;
}

/** Makes the test file's schema anew, empty; give `import.meta.url`, and a further word when one file needs several. */
export async function isolatedSchema(testPath: string, suffix = ''): Promise<IsolatedSchema> {
  const { url } = await sharedServer('postgres');
  const schema = derivedName(testPath + suffix);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client.query(`CREATE SCHEMA ${schema}`);
  } finally {
    await client.end();
  }
  return { url, schema };
}
