import type { Sql } from 'postgres';
import { openedBy } from '@/lib/crypto/seal';

/** The purpose under which a lasting key is sealed (db/lasting-key.ts). */
export const purposeOf = (name: string): string => `lasting-key\0${name}`;

/** The lasting keys that none of these sealing keys opens: then it is not the database's key. A new database has none. */
export async function unopenable(sql: Sql, sealingKeys: string[]): Promise<string[]> {
  const [there] = await sql`select to_regclass('public.lasting_keys') as name`;
  if (!there?.name) return [];
  const rows = await sql<{ name: string; key_sealed: string }[]>`select name, key_sealed from public.lasting_keys`;
  return rows
    .filter(({ name, key_sealed }) => openedBy(sealingKeys, key_sealed, purposeOf(name)) === null)
    .map(({ name }) => name);
}

export const WRONG_KEY =
  'SEALING_KEY is not the one of this database: what is sealed in it does not open. Bring the one it was sealed with, as SEALING_KEY or in SEALING_KEY_PREVIOUS. Is it lost? docs/keys.md says what can be done.';
