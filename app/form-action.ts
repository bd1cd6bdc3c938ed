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
 * The only wrapper around a command: find the actor → parse the input with zod → run the command → answer. A refusal keeps
 * everything that was typed except secrets. `after` returns the form's new state, or the path of the page to redirect to.
 */
type Done<T, I> = (value: T, input: I) => FormState | string | Promise<FormState | string>;

/** The default message, for input that no schema has a message for. Our pages send none. */
const CHECK = 'Check what you entered.';

/** Refusals that belong to one field are shown beside it too. */
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

/** The layout shows tenant data too (who can administer it), so a command revalidates it with the page. */
const framed =
  <T, I>(after: Done<T, I>): Done<T, I> =>
  (value, input) => {
    revalidatePath('/', 'layout');
    return after(value, input);
  };

/** Adds the advice on a common password, for browsers without scripts. With scripts the field shows it during typing. */
const inFull = (refusal: Refusal, password: unknown): string =>
  refusal === 'password-common' && typeof password === 'string'
    ? `${REFUSALS[refusal]} ${strengthOf(password).advice}`.trim()
    : REFUSALS[refusal];

/** The path of the page that asks for a fresh proof of identity; it returns to the page that sent the form (`referer`). */
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

/** Builds actions for the caller that `who` finds. `who` redirects or throws if there is none. */
const actionOf =
  <W>(who: () => Promise<W>, wrap: typeof framed = (after) => after) =>
  <S extends z.ZodType, T>(
    schema: S,
    deed: (who: W, input: z.output<S>) => Promise<Outcome<T, Refusal>>,
    after: Done<T, z.output<S>>,
  ) =>
    build(who, schema, deed, wrap(after));

/** For Tenant Admins. */
export const adminAction = actionOf(() => requireActor('tenant_admin'), framed);

/** For anybody signed in, on their own data. */
export const ownAction = actionOf(() => requireActor(), framed);

/** Also for sessions that still have to prove a second factor, or to set one up. */
export const provenAction = actionOf(async () => actorOf(await requireProven(), await currentOrigin()));

/** For visitors without a session: their token is in the input. No revalidation, since the page cannot find a used token. */
export const publicAction = actionOf(currentOrigin);
