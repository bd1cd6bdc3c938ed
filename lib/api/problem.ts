import { REFUSALS, type Refusal } from '@/lib/users/refusals';

/** Errors of the API as Problem Details (RFC 9457). `code` is for programs, `detail` is the page's own sentence. */
export type Answer = { status: number; body: unknown; headers?: Record<string, string> };

const TITLES = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Refused',
  411: 'Length required',
  413: 'Too large',
  415: 'Not JSON',
  421: 'Misdirected',
  422: 'Not valid',
  429: 'Too many requests',
  500: 'Unexpected',
  503: 'Unavailable',
} as const;
export type ProblemStatus = keyof typeof TITLES;

export function problem(
  status: ProblemStatus,
  code: string,
  detail: string,
  { headers, ...more }: { headers?: Record<string, string>; errors?: { field: string; detail: string }[] } = {},
): Answer {
  const body = { type: 'about:blank', title: TITLES[status], status, code, detail, ...more };
  return { status, body, headers: { 'content-type': 'application/problem+json', ...headers } };
}

/** The same refusals as on the page. */
export const refused = (refusal: Refusal): Answer =>
  problem(refusal === 'not-found' ? 404 : refusal === 'not-allowed' ? 403 : 409, refusal, REFUSALS[refusal]);
