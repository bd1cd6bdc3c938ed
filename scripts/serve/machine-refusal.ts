import { type ProblemStatus, problem } from '@/lib/api/problem';
import { errorBody, ScimError } from '@/lib/scim/error';

type Answer = { headers: Record<string, string>; text: string };

const CODES: Partial<Record<ProblemStatus, string>> = {
  400: 'malformed',
  404: 'no-such-address',
  405: 'method-not-allowed',
  411: 'length-required',
  413: 'too-large',
  421: 'misdirected',
  503: 'unavailable',
};

/** A refusal before routing, in the format of the interface that was asked (SCIM or API); null where people ask. */
export function machineRefusal(url: string, status: ProblemStatus, text: string): Answer | null {
  if (url.startsWith('/api/scim/'))
    return {
      headers: { 'content-type': 'application/scim+json; charset=utf-8' },
      text: JSON.stringify(errorBody(new ScimError(status, text))),
    };
  // The identity provider's messages come through a person's browser.
  if (!url.startsWith('/api/') || url.startsWith('/api/saml/')) return null;
  const { body, headers = {} } = problem(status, CODES[status] ?? 'refused', text);
  return { headers, text: JSON.stringify(body) };
}
