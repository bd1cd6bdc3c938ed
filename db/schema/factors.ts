import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  foreignKey,
  index,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { sessions } from './sessions';
import { users } from './users';

const ofUser = { tenantId: uuid('tenant_id').notNull(), userId: uuid('user_id').notNull() };

/** An authenticator app (RFC 6238), one for each person. */
export const totpFactors = pgTable(
  'totp_factors',
  {
    ...ofUser,
    secretSealed: text('secret_sealed').notNull(),
    /** The newest time step whose code was accepted: that code and older ones are spent. */
    lastStep: bigint('last_step', { mode: 'number' }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
  ],
);

/** A secret that was shown but not yet confirmed. It belongs to the session that asked, so that no other one can finish it. */
export const totpEnrolments = pgTable('totp_enrolments', {
  sessionId: uuid('session_id')
    .primaryKey()
    .references(() => sessions.id, { onDelete: 'cascade' }),
  secretSealed: text('secret_sealed').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
});

/** Issued ten at a time. Shorter than a token, so hashed slowly (argon2id) under one salt: a check costs one hash, not ten. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    ...ofUser,
    hash: text('hash').notNull(),
    salt: text('salt').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    usedAt: timestamp('used_at', { withTimezone: true }),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId, t.hash] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
  ],
);

/** A WebAuthn credential (W3C WebAuthn Level 3, 4 "Credential Record"). */
export const passkeys = pgTable(
  'passkeys',
  {
    id: uuid('id').primaryKey(),
    ...ofUser,
    name: text('name').notNull(),
    /** Base64url, as the browser names it. */
    credentialId: text('credential_id').notNull(),
    /** COSE key in base64url. */
    publicKey: text('public_key').notNull(),
    counter: bigint('counter', { mode: 'number' }).notNull(),
    transports: text('transports').array().notNull(),
    backedUp: boolean('backed_up').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true }),
  },
  (t) => [
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    uniqueIndex('passkeys_credential').on(t.credentialId),
    index('passkeys_user').on(t.tenantId, t.userId),
  ],
);

export const passkeyPurpose = pgEnum('passkey_purpose', ['register', 'second-factor', 'sign-in', 'confirm']);

/** A challenge for a browser to sign. Spent by deleting the row; `sessionId` is null while nobody is signed in. */
export const passkeyChallenges = pgTable(
  'passkey_challenges',
  {
    challengeHash: text('challenge_hash').primaryKey(),
    purpose: passkeyPurpose('purpose').notNull(),
    sessionId: uuid('session_id').references(() => sessions.id, { onDelete: 'cascade' }),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    index('passkey_challenges_over').on(t.expiresAt),
    // Deleting a session looks up its challenges. Those without a session are left out: anybody can create any number of them.
    index('passkey_challenges_session').on(t.sessionId).where(sql`${t.sessionId} is not null`),
  ],
);

/** Browsers that a person has signed in from, each with its own cookie. A sign-in from any other is reported by mail. */
export const knownDevices = pgTable(
  'known_devices',
  {
    ...ofUser,
    tokenHash: text('token_hash').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.tokenHash] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('known_devices_over').on(t.lastSeenAt),
  ],
);
