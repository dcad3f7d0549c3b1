import type { DataSource } from 'typeorm';
import type { Person } from '../domain/claims.js';

/** What the sign-in provider last said of people, so that what they made can be measured by it. */
export class PersonStore {
  constructor(private readonly dataSource: DataSource) {}

  async signedIn({ subject, name, groups }: Person): Promise<void> {
    await this.dataSource.query(
      `insert into person (subject, name, groups, seen_at) values ($1, $2, $3, now())
       on conflict (subject) do update set name = excluded.name, groups = excluded.groups, seen_at = excluded.seen_at`,
      [subject, name, [...groups]],
    );
  }
}
