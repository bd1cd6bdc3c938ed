import { readiness } from '@/lib/health/readiness';

export const dynamic = 'force-dynamic';

/** By it the process starts; once it serves, `scripts/serve/health.ts` answers in its place. */
export async function GET(request: Request): Promise<Response> {
  const { status, body } = await readiness(request.headers.get('authorization'));
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}
