import { z } from 'zod';
import type { Actor } from '@/lib/actor';
import { resetSecondFactor } from '@/lib/mfa/reset';
import type { Outcome } from '@/lib/outcome';
import { createUser } from '@/lib/users/create';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { firstNameField, lastNameField, roleField } from '@/lib/users/fields';
import { STATUS_FILTERS, type UserFilters } from '@/lib/users/list';
import type { Refusal } from '@/lib/users/refusals';
import { remove, restore } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import { walk } from '@/lib/users/walk';
import {
  type Command,
  command,
  NAMES,
  ofPerson,
  ofTenant,
  operator,
  PERSON,
  personOf,
  shown,
  TENANT,
  tenantOf,
  unwrap,
  whole,
} from './command';

const ROLE = { role: { value: 'ROLE', help: 'tenant_admin or standard_user' } };
const role = z.string('is needed: tenant_admin or standard_user').pipe(roleField);

const newUser = ofPerson.extend({
  firstName: firstNameField.default(''),
  lastName: lastNameField.default(''),
  role,
  passwordStdin: z.literal(true, 'is needed: the password comes by stdin'),
});

type Deed = (actor: Actor, input: { userId: string }) => Promise<Outcome<object & { auditId: string | null }, Refusal>>;

/** The page's command, for one named person. */
const onPerson = (help: string, deed: Deed, removed = false) =>
  command(help, PERSON, ofPerson, async (input) => {
    const user = await personOf(input, removed);
    const { auditId: _, ...done } = unwrap(await deed(operator(user.tenantId), { userId: user.id }));
    return { email: user.email, ...done };
  });

/** Sorted by address and streamed: a list of any length costs no memory. */
async function* listed(tenantId: string, filters: UserFilters, limit: number) {
  let left = limit;
  for await (const { user } of walk(tenantId, filters, { sort: 'email', dir: 'asc' }, new Date())) {
    yield shown(user);
    if (--left === 0) return;
  }
}

export const userCommands: Record<string, Command> = {
  create: command(
    'makes an active user, without an invitation',
    {
      ...PERSON,
      ...NAMES,
      ...ROLE,
      'password-stdin': { help: 'read the password from stdin' },
    },
    newUser,
    async ({ tenant, email, firstName, lastName, role }, password = '') => {
      const { id } = await tenantOf(tenant);
      const { user } = unwrap(await createUser(operator(id), { email, firstName, lastName, role, password }));
      return shown(user);
    },
  ),
  show: command('shows a user', PERSON, ofPerson, async (input) => shown(await personOf(input))),
  list: command(
    'lists the users of a tenant by address; removed ones only by their status',
    {
      ...TENANT,
      status: { value: 'STATUS', help: `only ${STATUS_FILTERS.join(', ')}` },
      limit: { value: 'N', help: 'at most so many; all unless said' },
    },
    ofTenant.extend({
      status: z.enum(STATUS_FILTERS, `is one of ${STATUS_FILTERS.join(', ')}`).optional(),
      limit: whole(1, 1_000_000).optional(),
    }),
    async ({ tenant, status, limit = Number.POSITIVE_INFINITY }) => {
      const { id } = await tenantOf(tenant);
      return listed(id, { status }, limit);
    },
  ),
  'set-role': command('changes the role', { ...PERSON, ...ROLE }, ofPerson.extend({ role }), async (input) => {
    const user = await personOf(input);
    unwrap(await changeRole(operator(user.tenantId), { userId: user.id, role: input.role }));
    return shown(await personOf(input));
  }),
  deactivate: onPerson('ends all access; the account stays', deactivate),
  reactivate: onPerson('lets a deactivated user in again', reactivate),
  'sign-out': onPerson('ends all sessions', forceSignOut),
  'reset-mfa': onPerson('takes away every second factor, and ends all sessions', resetSecondFactor),
  remove: onPerson('removes the user; within 30 days they can be restored', remove),
  restore: onPerson('brings a removed user back', restore, true),
};
