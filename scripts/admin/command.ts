import { hostname, userInfo } from 'node:os';
import { and, desc, eq, ne } from 'drizzle-orm';
import { z } from 'zod';
import { db, type Tx } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import { type MachineActor, NO_ORIGIN } from '@/lib/actor';
import type { Outcome } from '@/lib/outcome';
import { findTenantBySlug, type Tenant } from '@/lib/tenants/find';
import { emailField, passwordField } from '@/lib/users/fields';
import { isAddress } from '@/lib/users/find';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';

/** Its message goes to stderr, with exit code 1. */
export class Refused extends Error {}
/** Its message goes to stderr, with exit code 2. */
export class UsageError extends Error {}

/** Without `value` it is a flag. An operand comes after the words of the command, without its name. */
export type Option = { help: string; value?: string; operand?: true };
type Input = Record<string, unknown> & { passwordStdin?: boolean | undefined };

export type Command = {
  help: string;
  options: Record<string, Option>;
  needs: (option: string) => boolean;
  parse: (given: Record<string, unknown>) => Input;
  run: (input: never, password: string | undefined) => Promise<unknown>;
  /** It may run while SEALING_KEY is not the database's. */
  anyKey?: boolean;
};

const camel = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
export const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

type Kebab<S extends string> = S extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `-${Lowercase<Head>}`}${Kebab<Tail>}`
  : S;

/** One entry of the table of commands: its options, how they are validated, and what it does. */
export function command<S extends z.ZodObject & z.ZodType<Input>>(
  help: string,
  options: { [K in keyof z.output<S> & string as Kebab<K>]-?: Option },
  schema: S,
  run: (input: z.output<S>, password: string | undefined) => Promise<unknown>,
  { anyKey = false }: Pick<Command, 'anyKey'> = {},
): Command {
  const parse = (given: Record<string, unknown>) =>
    schema.parse(Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), value])));
  const needs = (option: string) => schema.shape[camel(option)]?.safeParse(undefined).success === false;
  return { help, options, needs, parse, run: run as Command['run'], anyKey };
}

export const TENANT = { tenant: { value: 'SLUG', help: 'the tenant' } };
export const PERSON = { ...TENANT, email: { value: 'ADDRESS', help: 'the person' } };

export const NAMES = {
  'first-name': { value: 'NAME', help: 'the given name' },
  'last-name': { value: 'NAME', help: 'the family name' },
};

export const text = z.string('is needed').min(1, 'is needed');

export const whole = (min: number, max: number) => {
  const range = `is a whole number from ${min} to ${max}`;
  return text.regex(/^\d+$/, range).transform(Number).pipe(z.number().min(min, range).max(max, range));
};

export const ofTenant = z.object({ tenant: text });
export const ofPerson = ofTenant.extend({ email: text.pipe(emailField) });

export async function tenantOf(slug: string, on: Tx | typeof db = db): Promise<Tenant> {
  const tenant = await findTenantBySlug(slug, on);
  if (!tenant) throw new Refused(`There is no tenant “${slug}”.`);
  return tenant;
}

/** The person with this address; with `removed`, the one removed last. */
export async function personOf(input: z.output<typeof ofPerson>, removed = false): Promise<User> {
  const { id: tenantId } = await tenantOf(input.tenant);
  const status = removed ? eq(users.status, 'removed') : ne(users.status, 'removed');
  const [user] = await db
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), isAddress(input.email), status))
    .orderBy(desc(users.removedAt))
    .limit(1);
  if (!user) throw new Refused(`There is no ${removed ? 'removed ' : ''}user ${input.email} in ${input.tenant}.`);
  return user;
}

/** The operator, as the audit trail names them. */
export const operator = (tenantId: string): MachineActor => ({
  kind: 'cli',
  tenantId,
  id: null,
  label: `${osUser()}@${hostname()}`,
  origin: NO_ORIGIN,
});

/** In a container the user id often has no name. */
function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.()}`;
  }
}

/** Returns the value, or throws the refusal's message. */
export function unwrap<T>(outcome: Outcome<T, Refusal>): T {
  if (!outcome.ok) throw new Refused(REFUSALS[outcome.refusal]);
  return outcome.value;
}

/** The fields of a person that are printed; none is a secret. */
export const shown = (user: User) => ({
  id: user.id,
  email: user.email,
  firstName: user.firstName,
  lastName: user.lastName,
  role: user.role,
  status: user.status,
  mfaEnabled: user.mfaEnabled,
  samlEnabled: user.samlEnabled,
  lastLoginAt: user.lastLoginAt,
  createdAt: user.createdAt,
  removedAt: user.removedAt,
});

/** Read from stdin, so that it is in no process list and no history. A line break at the end is not part of it. */
export async function readPassword(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(chunk);
  const read = passwordField.safeParse(
    Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  );
  if (!read.success) throw new UsageError('--password-stdin expects a password on stdin, of at most 1024 characters.');
  return read.data;
}
