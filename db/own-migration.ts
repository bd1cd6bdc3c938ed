import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The schema version of this program: its last migration. */
export async function ownMigration(): Promise<{ tag: string; when: number }> {
  const journal = await readFile(join(process.cwd(), 'db', 'migrations', 'meta', '_journal.json'), 'utf8');
  const { tag, when } = JSON.parse(journal).entries.at(-1);
  return { tag, when };
}
