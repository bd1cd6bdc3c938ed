import { sql } from 'drizzle-orm';
import { foreignKey, index, pgEnum, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { signInMethod, users } from './users';

export const sessionEnd = pgEnum('session_end', [
  'signed-out',
  'forced',
  'deactivated',
  'removed',
  'password-changed',
  'password-reset',
  'second-factor-changed',
  'replaced',
  'limits-changed',
  'not-me',
  'saml-required',
  'saml-off',
  'idp-sign-out',
]);

export const SECOND_FACTORS = ['totp', 'recovery_code', 'passkey'] as const;
export const secondFactor = pgEnum('second_factor', SECOND_FACTORS);

/** A session is a row; the cookie only identifies it. The tenant's limits are applied at each look-up. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    tokenHash: text('token_hash').notNull(),
    method: signInMethod('method').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull(),
    /** The second factor that was proven, and when. Without it the session may be half-open: see lib/sessions/find.ts. */
    secondFactor: secondFactor('second_factor'),
    secondFactorAt: timestamp('second_factor_at', { withTimezone: true }),
    /** When the password or a passkey was last proven in this session. */
    authenticatedAt: timestamp('authenticated_at', { withTimezone: true }).notNull(),
    /** When the identity provider wants the session to end (SessionNotOnOrAfter). The tenant's own limits also apply. */
    notAfter: timestamp('not_after', { withTimezone: true }),
    ip: text('ip'),
    userAgent: text('user_agent'),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    endReason: sessionEnd('end_reason'),
  },
  (t) => [
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    uniqueIndex('sessions_token').on(t.tokenHash),
    index('sessions_of').on(t.tenantId, t.userId, t.endedAt),
    index('sessions_ended').on(t.endedAt).where(sql`ended_at is not null`),
  ],
);
