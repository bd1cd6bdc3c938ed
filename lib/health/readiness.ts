import { isSameSecret } from '@/lib/crypto/same-secret';
import { env } from '@/lib/env';
import { type Finding, look } from './look';

const FRESH_MS = 1_000;
let latest: { at: number; findings: Promise<Finding[]> } | undefined;

/** Checks at most once a second, since anybody may ask. A clock that was set back must not keep an old result. */
function findingsNow(): Promise<Finding[]> {
  if (!latest || Math.abs(Date.now() - latest.at) > FRESH_MS) latest = { at: Date.now(), findings: look() };
  return latest.findings;
}

/**
 * Readiness for a load balancer: whether the process can work and, if not, which part fails, in words fit for the public. A
 * warning does not change the status, since only some requests need that part. With METRICS_TOKEN, details are included.
 */
export async function readiness(authorization: string | null): Promise<{ status: 200 | 503; body: object }> {
  const findings = globalThis.rollcallStopping ? [STOPPING] : await findingsNow();
  const status = findings.some(({ level }) => level === 'wrong') ? 503 : 200;
  const { METRICS_TOKEN } = env();
  const isOperator = METRICS_TOKEN && isSameSecret(authorization, `Bearer ${METRICS_TOKEN}`);
  const details = findings.flatMap(({ part, details }) => (details ? [[part, details]] : []));
  return {
    status,
    body: {
      status: status === 200 ? 'ok' : 'unavailable',
      ...Object.fromEntries(findings.map(({ part, words }) => [part, words])),
      ...(isOperator ? { details: Object.fromEntries(details) } : {}),
    },
  };
}

const STOPPING: Finding = { part: 'process', level: 'wrong', words: 'stopping' };
