import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { findTenant } from '@/lib/tenants/find';
import { mayInviteTo } from '@/lib/tenants/invitation-domains';
import { emailField, firstNameField, lastNameField } from '@/lib/users/fields';
import type { BatchRow } from './parse-batch';

/** What would become of a row, said before anything is sent. */
export type Verdict =
  | 'new'
  | 'already-invited'
  | 'role-account'
  | 'domain-typo'
  | 'already-user'
  | 'deactivated'
  | 'twice'
  | 'domain-not-allowed'
  | 'malformed';
/** `can`: a doubtful row is sent only when somebody chooses it. */
export type CheckedRow = BatchRow & { verdict: Verdict; sentence: string; can: 'yes' | 'doubtful' | 'no' };

const SENDABLE: Record<Verdict, CheckedRow['can']> = {
  new: 'yes',
  'already-invited': 'yes',
  'role-account': 'doubtful',
  'domain-typo': 'doubtful',
  'already-user': 'no',
  deactivated: 'no',
  twice: 'no',
  'domain-not-allowed': 'no',
  malformed: 'no',
};

const SENTENCES: Record<Verdict, string> = {
  new: 'Will be invited.',
  'already-invited': 'Is invited already: gets a new link, the old one stops working.',
  'role-account': 'Looks like a shared mailbox, not a person.',
  'domain-typo': 'The domain looks misspelt.',
  'already-user': 'Is a user already.',
  deactivated: 'Is a deactivated user. Reactivate them instead.',
  twice: 'Stands further up already, letter case aside.',
  'domain-not-allowed': 'Invitations may not go to this domain: see the security settings.',
  malformed: 'Is not an e-mail address.',
};

const ROLE_ACCOUNTS = new Set(
  'abuse accounts admin billing contact help hello hostmaster info it jobs mail marketing no-reply noreply office postmaster root sales security service support team webmaster'.split(
    ' ',
  ),
);
const COMMON_DOMAINS = [
  'gmail.com',
  'googlemail.com',
  'outlook.com',
  'hotmail.com',
  'yahoo.com',
  'icloud.com',
  'proton.me',
  'gmx.de',
  'web.de',
];

/** One query for the people of the whole batch, one for the tenant's usual domains, one for those it allows. */
export async function checkBatch(tenantId: string, rows: BatchRow[]): Promise<CheckedRow[]> {
  const [known, domains, tenant] = await Promise.all([
    knownStatuses(tenantId, rows),
    usualDomains(tenantId),
    findTenant(tenantId),
  ]);
  const seen = new Set<string>();
  return rows.map((row) => {
    const key = row.email.toLowerCase();
    const twice = seen.has(key);
    seen.add(key);
    const problem = fieldProblem(row);
    if (problem) return { ...row, verdict: 'malformed', sentence: problem, can: 'no' };
    const suggestion = misspelt(key.split('@')[1] ?? '', [...domains, ...COMMON_DOMAINS]);
    const verdict = twice
      ? 'twice'
      : (known.get(key) ??
        (!mayInviteTo(tenant, key)
          ? 'domain-not-allowed'
          : suggestion
            ? 'domain-typo'
            : isRoleAccount(key)
              ? 'role-account'
              : 'new'));
    const sentence = verdict === 'domain-typo' ? `The domain looks misspelt: ${suggestion}?` : SENTENCES[verdict];
    return { ...row, verdict, sentence, can: SENDABLE[verdict] };
  });
}

function fieldProblem(row: BatchRow): string | null {
  if (!emailField.safeParse(row.email).success) return SENTENCES.malformed;
  const names = [firstNameField.safeParse(row.firstName), lastNameField.safeParse(row.lastName)];
  return names.find(({ success }) => !success)?.error?.issues[0]?.message ?? null;
}

const isRoleAccount = (email: string) => ROLE_ACCOUNTS.has(email.split('@')[0] ?? '');

const OF_STATUS = { active: 'already-user', deactivated: 'deactivated', invited: 'already-invited' } as const;

async function knownStatuses(tenantId: string, rows: BatchRow[]): Promise<Map<string, Verdict>> {
  const keys = [...new Set(rows.map(({ email }) => email.toLowerCase()))];
  if (keys.length === 0) return new Map();
  const found = await db
    .select({ key: users.emailKey, status: users.status })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), inArray(users.emailKey, keys), ne(users.status, 'removed')));
  return new Map(found.flatMap(({ key, status }) => (status === 'removed' ? [] : [[key, OF_STATUS[status]]])));
}

/** The domains that most of the tenant's people have, of a thousand of them. */
async function usualDomains(tenantId: string): Promise<string[]> {
  const sample = db
    .select({ domain: sql<string>`split_part(${users.emailKey}, '@', 2)`.as('domain') })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), sql`${users.status} <> 'removed'`))
    .limit(1000)
    .as('sample');
  const found = await db
    .select({ domain: sample.domain })
    .from(sample)
    .groupBy(sample.domain)
    .orderBy(sql`count(*) desc`)
    .limit(3);
  return found.map(({ domain }) => domain);
}

/** The known domain that this one misses by one letter: missing, added, changed, or two swapped. Null when it is known. */
function misspelt(domain: string, known: string[]): string | null {
  return known.includes(domain) ? null : (known.find((each) => differsByOne(domain, each)) ?? null);
}

/** Damerau–Levenshtein distance of exactly one. */
export function differsByOne(a: string, b: string): boolean {
  let from = 0;
  while (from < a.length && a[from] === b[from]) from++;
  const [restA, restB] = [a.slice(from), b.slice(from)];
  if (restA === '' && restB === '') return false;
  const swapped =
    restA.length > 1 && restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return swapped || restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1);
}
