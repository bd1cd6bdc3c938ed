import postgres from 'postgres';

export const TEMPLATE = 'rollcall_template';

export function databaseUrl(clusterUrl: string, database: string): string {
  const url = new URL(clusterUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** A fresh database with the schema, in about 40 ms. */
export async function cloneDatabase(clusterUrl: string, name: string): Promise<string> {
  await run(clusterUrl, `create database ${name} template ${TEMPLATE}`);
  return databaseUrl(clusterUrl, name);
}

export const dropDatabase = (clusterUrl: string, name: string): Promise<void> =>
  run(clusterUrl, `drop database if exists ${name} with (force)`);

async function run(clusterUrl: string, statement: string): Promise<void> {
  const sql = postgres(clusterUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(statement);
  await sql.end();
}
