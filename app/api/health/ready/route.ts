import { readiness } from '@/lib/health/readiness';

export const dynamic = 'force-dynamic';

/** Used while the process starts. Once it serves, `scripts/serve/health.ts` answers instead. */
export async function GET(request: Request): Promise<Response> {
  const { status, body } = await readiness(request.headers.get('authorization'));
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}
