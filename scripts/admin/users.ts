import { and, asc, eq } from 'drizzle-orm';
import { z } from 'zod';
import { db } from '@/db/client';
import { USER_STATUSES, users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import type { Outcome } from '@/lib/outcome';
import { createUser } from '@/lib/users/create';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { firstNameField, lastNameField, roleField } from '@/lib/users/fields';
import type { Refusal } from '@/lib/users/refusals';
import { remove, restore } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import {
  type Command,
  command,
  ofPerson,
  ofTenant,
  operator,
  PERSON,
  personOf,
  shown,
  TENANT,
  tenantOf,
  unwrap,
} from './command';

const ROLE = { role: { value: 'ROLE', help: 'tenant_admin or standard_user' } };
const role = z.string('is needed: tenant_admin or standard_user').pipe(roleField);

const newUser = ofPerson.extend({
  firstName: firstNameField.default(''),
  lastName: lastNameField.default(''),
  role,
  passwordStdin: z.literal(true, 'is needed: the password comes by stdin'),
});

/** The same command as the page's, for one named person. */
const onPerson = (
  help: string,
  deed: (actor: Actor, input: { userId: string }) => Promise<Outcome<object, Refusal>>,
  removed = false,
) =>
  command(help, PERSON, ofPerson, async (input) => {
    const user = await personOf(input, removed);
    const { auditId: _, ...done } = {
      auditId: null,
      ...unwrap(await deed(operator(user.tenantId), { userId: user.id })),
    };
    return { email: user.email, ...done };
  });

export const userCommands: Record<string, Command> = {
  create: command(
    'makes an active user, without an invitation',
    {
      ...PERSON,
      'first-name': { value: 'NAME', help: 'optional' },
      'last-name': { value: 'NAME', help: 'optional' },
      ...ROLE,
      'password-stdin': { flag: true, help: 'read the password from stdin' },
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
    'lists the users of a tenant by address',
    {
      ...TENANT,
      status: { value: 'STATUS', help: USER_STATUSES.join(', ') },
      limit: { value: 'N', help: 'at most so many (1000)' },
    },
    ofTenant.extend({
      status: z.enum(USER_STATUSES, `is one of ${USER_STATUSES.join(', ')}`).optional(),
      limit: z.coerce.number('is a number').int().min(1).max(1_000_000).default(1000),
    }),
    async ({ tenant, status, limit }) => {
      const { id } = await tenantOf(tenant);
      const found = await db
        .select()
        .from(users)
        .where(and(eq(users.tenantId, id), status ? eq(users.status, status) : undefined))
        .orderBy(asc(users.emailKey), asc(users.id))
        .limit(limit);
      return found.map(shown);
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
  remove: onPerson('removes the user; within 30 days they can be restored', remove),
  restore: onPerson('brings a removed user back', restore, true),
};
