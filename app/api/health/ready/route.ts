import { sql } from 'drizzle-orm';
import { db } from '@/db/client';

export const dynamic = 'force-dynamic';

/** The process can do its work: the database answers. */
export async function GET() {
  const headers = { 'cache-control': 'no-store' };
  try {
    await db.execute(sql`select 1`);
    return Response.json({ status: 'ok', database: 'ok' }, { headers });
  } catch {
    return Response.json({ status: 'unavailable', database: 'unreachable' }, { status: 503, headers });
  }
}
