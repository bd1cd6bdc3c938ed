import postgres from 'postgres';

const TABLES = ['audit_entries', 'audit_chain', 'audit_heads'];

/** What somebody can do who owns the database and has switched its guards off. */
export async function tamper(deed: (sql: postgres.TransactionSql) => Promise<unknown>): Promise<void> {
  const sql = postgres(String(process.env.DATABASE_URL), {
    max: 1,
    onnotice: () => {},
    connection: { TimeZone: 'UTC' },
  });
  try {
    await sql.begin(async (tx) => {
      for (const table of TABLES) await tx.unsafe(`alter table ${table} disable trigger user`);
      await deed(tx);
      for (const table of TABLES) await tx.unsafe(`alter table ${table} enable trigger user`);
      for (const table of TABLES) await tx.unsafe(`alter table ${table} enable always trigger ${table}_grow`);
    });
  } finally {
    await sql.end();
  }
}
