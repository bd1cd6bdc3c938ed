import { UUID } from '@/db/id';
import type { Outcome } from '@/lib/outcome';
import { listResponse } from './discovery';
import { ScimError } from './error';
import type { Exchange, Expected } from './person';
import type { Query } from './query';
import type { Json } from './value';

/** A request of RFC 7644. */
export type Asked = Exchange & {
  method: string;
  /** Below `/api/scim/v2`. */
  path: string[];
  search: URLSearchParams;
  ifMatch: string | null;
  ifNoneMatch: string | null;
  body: unknown;
};

export type Answer = {
  status: number;
  body?: Json;
  headers?: Record<string, string>;
  /** A sentence for the flight recorder. */
  meaning: string;
  target?: { id: string; label: string };
};

/** Refusals of commands as SCIM errors, worded for the admin of an identity provider. */
const REFUSALS = {
  'not-found': new ScimError(404, 'There is no such resource.'),
  'not-allowed': new ScimError(401, 'The token was revoked or has expired.'),
  version: new ScimError(412, 'The resource has changed since the version that If-Match names.'),
  'address-taken': new ScimError(409, 'Another user has this userName or e-mail address already.', 'uniqueness'),
  'group-name-taken': new ScimError(409, 'Another group has this displayName already.', 'uniqueness'),
  'last-admin': new ScimError(
    409,
    'This would leave the organisation without a Tenant Admin who can sign in, so nothing was changed. Make somebody else a Tenant Admin first.',
  ),
  'profile-managed': new ScimError(409, 'Name and address of this user are managed by another source.'),
  removed: new ScimError(404, 'There is no such resource.'),
  self: new ScimError(403, 'Nobody may do this to themself.'),
  invited: new ScimError(409, 'This person has an open invitation.'),
  'not-active': new ScimError(409, 'This person is not active.'),
  'not-deactivated': new ScimError(409, 'This person is active already.'),
  'invited-address': new ScimError(409, 'This person has an open invitation to another address.'),
} as const;

export function unwrap<T>(outcome: Outcome<T, keyof typeof REFUSALS>): T {
  if (!outcome.ok) throw REFUSALS[outcome.refusal];
  return outcome.value;
}

export const notFound = (what = 'There is no such resource.') => new ScimError(404, what);
export const idOf = (given: string): string => {
  if (!UUID.test(given)) throw notFound();
  return given.toLowerCase();
};

export function allow(asked: Asked, ...methods: string[]): void {
  if (methods.includes(asked.method)) return;
  throw new ScimError(405, `${asked.method} is not offered here.`, undefined, { allow: methods.join(', ') });
}

/** RFC 7644, 3.14. A write without If-Match applies to any version. */
export function expectedOf({ ifMatch }: Asked): Expected {
  if (!ifMatch || ifMatch.trim() === '*') return null;
  return ifMatch.split(',').map((each) => weak(each));
}
const weak = (tag: string) => (tag.trim().startsWith('W/') ? tag.trim() : `W/${tag.trim()}`);

export const isUnchanged = ({ ifNoneMatch }: Asked, version: string): boolean =>
  ifNoneMatch !== null && (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').map(weak).includes(version));

export const quote = (text: string) => `“${text}”`;

type Paged = { total: number; nextCursor: string | undefined };

export function list(
  query: Query,
  { total, nextCursor }: Paged,
  resources: Json[],
  noun: string,
  only?: string,
): Answer {
  const at = query.cursor === undefined ? { startIndex: query.startIndex } : nextCursor ? { nextCursor } : {};
  const found = only ? `found ${only}` : `found ${total}`;
  return {
    status: 200,
    body: listResponse(resources, { totalResults: total, ...at }),
    meaning: query.filter
      ? `Looked for a ${noun}: ${total === 0 ? 'found none' : found}.`
      : `Read the list of ${noun}s: ${resources.length} of ${total}.`,
  };
}

export const projectionOnly = (search: URLSearchParams) =>
  new URLSearchParams([...search].filter(([name]) => /^(excluded)?attributes$/i.test(name)));
