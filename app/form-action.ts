import { revalidatePath } from 'next/cache';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { z } from 'zod';
import type { FormAction, FormState } from '@/components/form/form-state';
import { keptOf } from '@/components/form/kept';
import { actorOf, currentOrigin, requireActor, requireProven } from '@/lib/auth/current-actor';
import { strengthOf } from '@/lib/crypto/password-strength';
import type { Outcome } from '@/lib/outcome';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';
import { givenForm } from './given-form';
import { confirmPath } from './own-path';

/**
 * The only wrapper around a command: who asks → what they ask, by zod → the command → what to say. A refusal keeps
 * everything that was typed except secrets. `after` says what was done, or goes to the page that shows it.
 */
type Done<T, I> = (value: T, input: I) => FormState | string | Promise<FormState | string>;

/** Where no schema has words of its own: what no page of ours sends. */
const CHECK = 'Check what you entered.';

/** Where a refusal belongs to one field, it is said there too. */
const FIELD_OF: Partial<Record<Refusal, string[]>> = {
  'wrong-code': ['code'],
  'codes-limited': ['code'],
  'domain-not-allowed': ['email'],
  'address-taken': ['email'],
  'already-user': ['email'],
  deactivated: ['email'],
  'invited-address': ['email'],
  'password-short': ['password'],
  'password-long': ['password'],
  'password-common': ['password'],
  'password-personal': ['password'],
  'wrong-password': ['currentPassword', 'password'],
  'address-mismatch': ['typed'],
  'number-mismatch': ['typed'],
  'key-name-taken': ['name'],
};

const build =
  <S extends z.ZodType, W, T>(
    who: () => Promise<W>,
    schema: S,
    deed: (who: W, input: z.output<S>) => Promise<Outcome<T, Refusal>>,
    after: Done<T, z.output<S>>,
  ): FormAction =>
  async (_state, data) => {
    const asker = await who();
    const form = givenForm(data);
    const given = fieldsOf(form);
    const kept = keptOf(form);
    const parsed = schema.safeParse(given, { error: () => CHECK });
    if (!parsed.success) {
      const fields: Record<string, string> = {};
      for (const issue of parsed.error.issues) fields[String(issue.path[0] ?? '')] ??= issue.message;
      return { status: 'refused', message: Object.values(fields)[0] ?? CHECK, fields, ...kept };
    }
    const outcome = await deed(asker, parsed.data);
    if (!outcome.ok) {
      if (outcome.refusal === 'proof-needed') redirect(await toConfirm());
      const message = inFull(outcome.refusal, given.password);
      const field = FIELD_OF[outcome.refusal]?.find((name) => name in given);
      return { status: 'refused', message, fields: field ? { [field]: message } : {}, ...kept };
    }
    const next = await after(outcome.value, parsed.data);
    if (typeof next === 'string') redirect(next);
    return next;
  };

/** What frames a page tells of the tenant too (who can administer it): after a deed it is made anew with the page. */
const framed =
  <T, I>(after: Done<T, I>): Done<T, I> =>
  (value, input) => {
    revalidatePath('/', 'layout');
    return after(value, input);
  };

/** What is wrong with a password is said without scripts too; beside the field the same is said while it is typed. */
const inFull = (refusal: Refusal, password: unknown): string =>
  refusal === 'password-common' && typeof password === 'string'
    ? `${REFUSALS[refusal]} ${strengthOf(password).advice}`.trim()
    : REFUSALS[refusal];

/** By way of the page where one proves again who one is, back to the page that was left. */
async function toConfirm(): Promise<string> {
  const left = (await headers()).get('referer') ?? '';
  const { pathname, search } = URL.canParse(left) ? new URL(left) : { pathname: '/profile', search: '' };
  return confirmPath(`${pathname}${search}`, true);
}

/** A field given more than once (a row's checkbox) is a list. */
function fieldsOf(data: FormData): Record<string, FormDataEntryValue | FormDataEntryValue[]> {
  const names = [...new Set(data.keys())].filter((name) => !name.startsWith('$'));
  return Object.fromEntries(
    names.map((name) => {
      const all = data.getAll(name);
      return [name, all.length > 1 ? all : (all[0] ?? '')];
    }),
  );
}

/** An action of whoever `who` finds, or turns away. */
const actionOf =
  <W>(who: () => Promise<W>, wrap: typeof framed = (after) => after) =>
  <S extends z.ZodType, T>(
    schema: S,
    deed: (who: W, input: z.output<S>) => Promise<Outcome<T, Refusal>>,
    after: Done<T, z.output<S>>,
  ) =>
    build(who, schema, deed, wrap(after));

/** Of a Tenant Admin. */
export const adminAction = actionOf(() => requireActor('tenant_admin'), framed);

/** Of anybody signed in, on what is their own. */
export const ownAction = actionOf(() => requireActor(), framed);

/** Of somebody who still has to prove a second factor, or to set one up. */
export const provenAction = actionOf(async () => actorOf(await requireProven(), await currentOrigin()));

/** Of somebody who is not signed in: what they hold is in the input. Used up, the page would no longer know it: it stays as it is. */
export const publicAction = actionOf(currentOrigin);
