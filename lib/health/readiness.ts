import { isSameSecret } from '@/lib/crypto/same-secret';
import { env } from '@/lib/env';
import { type Finding, look } from './look';

const FRESH_MS = 1_000;
let latest: { at: number; findings: Promise<Finding[]> } | undefined;

/** One look a second, however many ask: anybody may. A clock that was set back must not keep what was found before. */
function findingsNow(): Promise<Finding[]> {
  if (!latest || Math.abs(Date.now() - latest.at) > FRESH_MS) latest = { at: Date.now(), findings: look() };
  return latest.findings;
}

/**
 * Whether the process can do its work, for a load balancer, and if not which part is to blame, in words fit for strangers.
 * A warning changes nothing: the part will be missed, but not by every request. Whoever has METRICS_TOKEN is told more.
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
