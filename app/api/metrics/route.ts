import { isSameSecret } from '@/lib/crypto/same-secret';
import { env } from '@/lib/env';
import { gather } from '@/lib/observe/gather';
import { waitingFigures } from './waiting-figures';

export const dynamic = 'force-dynamic';

/** For the operator's Prometheus, authorised by METRICS_TOKEN only. Answers 404 if no token is set. */
export async function GET(request: Request): Promise<Response> {
  const { METRICS_TOKEN } = env();
  if (!METRICS_TOKEN) return answer(404, 'Not found.\n');
  if (!isSameSecret(request.headers.get('authorization'), `Bearer ${METRICS_TOKEN}`))
    return answer(401, 'Send Authorization: Bearer and the METRICS_TOKEN.\n', {
      'www-authenticate': 'Bearer realm="metrics"',
    });
  // Whichever process answers, it adds up the figures of all processes and reads those of the database once.
  const [ofProcesses, ofDatabase] = await Promise.all([gather().catch(() => null), waitingFigures().catch(() => '')]);
  if (ofProcesses === null) return answer(503, 'A process did not tell its figures. Ask again.\n');
  return answer(200, `${ofProcesses}\n${ofDatabase}`, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
}

const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
  new Response(body, { status, headers: { 'content-type': 'text/plain', 'cache-control': 'no-store', ...headers } });
