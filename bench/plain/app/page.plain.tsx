import { connection } from 'next/server';
import postgres from 'postgres';
import { COLUMNS, readRows } from '../../rows';

/** The yardstick: the same rows as a plain table of server components, without authentication and without page chrome. */
const sql = postgres(process.env.DATABASE_URL ?? '', { max: 10 });

export default async function PlainTable() {
  await connection();
  const rows = await readRows(sql, process.env.BENCH_TENANT ?? '');
  return (
    <>
      <h1>Users</h1>
      <table>
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([id, email, ...cells]) => (
            <tr key={id}>
              <td>
                <a href={`/users/${id}`}>{email}</a>
              </td>
              {cells.map((cell, i) => (
                <td key={i}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
