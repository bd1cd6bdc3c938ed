import postgres from 'postgres';

export const TEMPLATE = 'rollcall_template';

export function databaseUrl(clusterUrl: string, database: string): string {
  const url = new URL(clusterUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** A fresh database with the schema, in about 40 ms. */
export async function cloneDatabase(clusterUrl: string, name: string): Promise<string> {
  const sql = postgres(clusterUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`drop database if exists ${name} with (force)`);
  await sql.unsafe(`create database ${name} template ${TEMPLATE}`);
  await sql.end();
  return databaseUrl(clusterUrl, name);
}
