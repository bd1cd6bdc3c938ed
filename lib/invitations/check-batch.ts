import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import { ROLE_NAMES, type Role } from '@/lib/actor';
import { findTenant } from '@/lib/tenants/find';
import { mayInviteTo } from '@/lib/tenants/invitation-domains';
import { emailField, firstNameField, lastNameField } from '@/lib/users/fields';
import { changesBy, type Known } from './changes';
import type { BatchRow } from './parse-batch';

/** The predicted outcome of a row, shown before anything is sent. */
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
/**
 * `can`: a doubtful row is sent only if it is selected. `roleThen`: the resulting role; null if the role chosen for the whole
 * list applies.
 */
export type CheckedRow = BatchRow & {
  verdict: Verdict;
  sentence: string;
  can: 'yes' | 'doubtful' | 'no';
  roleThen: Role | null;
};

export const SENDABLE: Record<Verdict, CheckedRow['can']> = {
  new: 'yes',
  'already-invited': 'doubtful',
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
export async function checkBatch(tenantId: string, given: BatchRow[]): Promise<CheckedRow[]> {
  const rows = given.map((row) => ({ ...row, email: emailField.safeParse(row.email).data ?? row.email }));
  const [known, domains, tenant] = await Promise.all([
    findKnown(tenantId, rows),
    usualDomains(tenantId),
    findTenant(tenantId),
  ]);
  const seen = new Set<string>();
  return rows.map((row) => {
    const key = row.email.toLowerCase();
    const twice = seen.has(key);
    seen.add(key);
    const person = known.get(key);
    const changes = person ? changesBy(row, person) : {};
    const verdictOf = (verdict: Verdict, sentence: string = SENTENCES[verdict]): CheckedRow => ({
      ...row,
      verdict,
      sentence,
      can: SENDABLE[verdict],
      roleThen: changes.role ?? person?.role ?? row.role,
    });
    const problem = fieldProblem(row);
    if (problem) return verdictOf('malformed', problem);
    if (twice) return verdictOf('twice');
    if (person?.status === 'invited' && !mayInviteTo(tenant, key)) return verdictOf('domain-not-allowed');
    if (person) {
      const verdict = OF_STATUS[person.status];
      const changed = verdict === 'already-invited' ? changeSentences(person, changes) : [];
      return verdictOf(verdict, [SENTENCES[verdict], ...spelling(row, person), ...changed].join(' '));
    }
    const suggestion = misspelt(key.split('@')[1] ?? '', [...domains, ...COMMON_DOMAINS]);
    if (!mayInviteTo(tenant, key)) return verdictOf('domain-not-allowed');
    if (suggestion) return verdictOf('domain-typo', `The domain looks misspelt: ${suggestion}?`);
    return verdictOf(isRoleAccount(key) ? 'role-account' : 'new');
  });
}

function fieldProblem(row: BatchRow): string | null {
  if (!emailField.safeParse(row.email).success) return SENTENCES.malformed;
  if (row.unknownRole !== null)
    return `“${row.unknownRole}” is not a role here. Write ${Object.values(ROLE_NAMES).join(' or ')}, or nothing.`;
  const names = [firstNameField.safeParse(row.firstName), lastNameField.safeParse(row.lastName)];
  return names.find(({ success }) => !success)?.error?.issues[0]?.message ?? null;
}

const spelling = (row: BatchRow, { email }: Person): string[] =>
  row.email === email ? [] : [`Only letter case differs: here it is ${email}.`];

/** Describes what the row would change of the person, before it does. */
function changeSentences(person: Person, { role, ...names }: ReturnType<typeof changesBy>): string[] {
  const nameOf = (named: Pick<User, 'firstName' | 'lastName'>) => `${named.firstName} ${named.lastName}`.trim();
  const name = nameOf({ ...person, ...names });
  return [
    ...(role ? [`The role changes from ${ROLE_NAMES[person.role]} to ${ROLE_NAMES[role]}.`] : []),
    ...(name === nameOf(person) ? [] : [`The name changes from “${nameOf(person)}” to “${name}”.`]),
  ];
}

const isRoleAccount = (email: string) => ROLE_ACCOUNTS.has(email.split('@')[0] ?? '');

const OF_STATUS = { active: 'already-user', deactivated: 'deactivated', invited: 'already-invited' } as const;

type Person = Known & Pick<User, 'email'> & { status: keyof typeof OF_STATUS };

/** Keyed by address in lower case. Only valid addresses are looked up. */
async function findKnown(tenantId: string, rows: BatchRow[]): Promise<Map<string, Person>> {
  const addresses = rows.filter(({ email }) => emailField.safeParse(email).success);
  const keys = [...new Set(addresses.map(({ email }) => email.toLowerCase()))];
  if (keys.length === 0) return new Map();
  const found = await db
    .select({
      key: users.emailKey,
      email: users.email,
      status: sql<Person['status']>`${users.status}`,
      role: users.role,
      firstName: users.firstName,
      lastName: users.lastName,
      roleManagedBy: users.roleManagedBy,
      profileManagedBy: users.profileManagedBy,
    })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), inArray(users.emailKey, keys), ne(users.status, 'removed')));
  return new Map(found.map((person) => [person.key, person]));
}

/** The three most common domains among a thousand of the tenant's people. */
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

/**
 * The known domain that differs from this one by one letter: missing, added, changed, or two swapped. Null if none does, or if
 * this domain is known.
 */
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
