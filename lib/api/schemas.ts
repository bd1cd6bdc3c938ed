import { z } from 'zod';
import { USER_STATUSES, type users } from '@/db/schema/users';
import { ACTOR_KINDS, ROLES } from '@/lib/actor';
import { emailField, firstNameField, lastNameField, roleField } from '@/lib/users/fields';

/** The bodies of the API. The OpenAPI document is generated from these schemas, and requests are validated by them. */
const time = z.iso.datetime();
const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next: z.string().nullable().meta({ description: 'The cursor of the next page.' }) });

const User = z.object({
  id: z.uuid(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  role: z.enum(ROLES),
  status: z.enum(USER_STATUSES),
  mfaEnabled: z.boolean(),
  samlEnabled: z.boolean(),
  lastLoginAt: time.nullable(),
  createdAt: time,
  removedAt: time.nullable(),
});

const Invitation = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  email: z.string(),
  role: z.enum(ROLES),
  invitedBy: z.string(),
  createdAt: time,
  expiresAt: time,
  delivery: z
    .enum(['queued', 'deferred', 'accepted', 'failed', 'cancelled'])
    .nullable()
    .meta({ description: 'What is known of its mail; "accepted" is the mail server’s word.' }),
});

const AuditEntry = z.object({
  id: z.uuid(),
  number: z.int().nullable().meta({ description: 'Its place in the chain.' }),
  at: time,
  action: z.string(),
  sentence: z.string(),
  door: z.enum(ACTOR_KINDS),
  actor: z.object({ id: z.uuid().nullable(), label: z.string(), name: z.string().nullable() }),
  target: z.object({ id: z.uuid(), label: z.string(), name: z.string().nullable() }).nullable(),
  apiKey: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  hash: z.string().nullable(),
});

export const SCHEMAS = {
  User,
  UserList: listOf(User),
  Invitation,
  InvitationList: listOf(Invitation),
  AuditEntry,
  AuditEntryList: listOf(AuditEntry),
  NewInvitation: z.strictObject({
    email: emailField.meta({ format: 'email' }),
    firstName: firstNameField.default(''),
    lastName: lastNameField.default(''),
    role: roleField.optional().meta({ description: 'Unless said, standard_user, or what they were invited as.' }),
  }),
  Invited: z.object({
    userId: z.uuid(),
    expiresAt: time,
    again: z.boolean().meta({ description: 'They were invited before; the old link is dead.' }),
  }),
  Resent: z.object({ userId: z.uuid(), expiresAt: time }),
  NewRole: z.strictObject({ role: roleField }),
  AccessEnded: z.object({
    user: User,
    sessionsEnded: z.int(),
    keysRevoked: z.int(),
    invitationsRevoked: z.int(),
    resetsRevoked: z.int(),
  }),
  SignedOut: z.object({ user: User, sessionsEnded: z.int() }),
  Problem: z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'For programs; `detail` is the sentence for people.' }),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
  }),
} as const;
export type SchemaName = keyof typeof SCHEMAS;

export const asUser = (user: typeof users.$inferSelect): z.output<typeof User> => ({
  id: user.id,
  email: user.email,
  firstName: user.firstName,
  lastName: user.lastName,
  role: user.role,
  status: user.status,
  mfaEnabled: user.mfaEnabled,
  samlEnabled: user.samlEnabled,
  lastLoginAt: user.lastLoginAt?.toISOString() ?? null,
  createdAt: user.createdAt.toISOString(),
  removedAt: user.removedAt?.toISOString() ?? null,
});
