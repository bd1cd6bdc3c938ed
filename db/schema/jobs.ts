import { sql } from 'drizzle-orm';
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Role } from '@/lib/actor';
import { users } from './users';

/** What can be done to many people at once. */
export const BULK_DEEDS = [
  'make-admin',
  'make-standard',
  'deactivate',
  'reactivate',
  'sign-out',
  'ask-second-factor',
  'resend-invitation',
  'remove',
  'restore',
] as const;
export const jobDeed = pgEnum('job_deed', ['invite', ...BULK_DEEDS]);
/** A draft is a list that was checked and waits to be confirmed. */
export const jobStatus = pgEnum('job_status', ['draft', 'open', 'finished', 'stopped']);
/** By an admin's button; because who began it may not go on; because of a fault of ours. */
export const jobStop = pgEnum('job_stop', ['asked', 'actor', 'fault']);

/** A deed for more people than one request can wait for. It acts in the session in which it was begun. */
export const jobs = pgTable(
  'jobs',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    deed: jobDeed('deed').notNull(),
    status: jobStatus('status').notNull(),
    /** Who began it or went on with it, and from where. */
    userId: uuid('user_id').notNull(),
    sessionId: uuid('session_id').notNull(),
    ip: text('ip'),
    userAgent: text('user_agent'),
    /** Of an invitation: the role of somebody new, where the row names none. */
    newcomerRole: text('newcomer_role').$type<Role>(),
    /** Rows to be done, and what became of them so far. */
    total: integer('total').notNull(),
    done: integer('done').notNull().default(0),
    refused: integer('refused').notNull().default(0),
    /** The last row that was looked at: all up to it are settled, none behind it. */
    position: integer('position').notNull().default(0),
    /** After a batch that failed its rows are taken one by one, up to here. */
    carefulUntil: integer('careful_until').notNull().default(0),
    /** How often the next batch has failed. */
    failures: integer('failures').notNull().default(0),
    /** When its next batch may be taken; open jobs take turns by it. */
    turnAt: timestamp('turn_at', { withTimezone: true }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    begunAt: timestamp('begun_at', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    stopped: jobStop('stopped'),
  },
  (t) => [
    unique('jobs_tenant_id').on(t.tenantId, t.id),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('jobs_turn').on(t.turnAt).where(sql`status = 'open'`),
    index('jobs_creator').on(t.tenantId, t.userId),
    index('jobs_old').on(t.createdAt),
  ],
);

/** What a row of an uploaded list says, and what is shown of it. */
export type GivenRow = {
  line: number;
  firstName: string;
  lastName: string;
  role: Role | null;
  unknownRole: string | null;
  /** The role the person then has; null where the one chosen for the list decides. */
  roleThen: Role | null;
  sentence: string;
};

/** The frozen set of a job, one row a person. Person and address are snapshots: a row outlives both, and locks neither. */
export const jobRows = pgTable(
  'job_rows',
  {
    tenantId: uuid('tenant_id').notNull(),
    jobId: uuid('job_id').notNull(),
    number: integer('number').notNull(),
    /** Null where nobody of this address was here when the row was written. */
    userId: uuid('user_id'),
    email: text('email').notNull(),
    given: jsonb('given').$type<GivenRow>(),
    /** What the check said of the row of a list. */
    verdict: text('verdict'),
    /** Whether it is to be done. */
    chosen: boolean('chosen').notNull(),
    /** `done`, or why not; null while it waits. */
    outcome: text('outcome'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.jobId, t.number] }),
    foreignKey({ columns: [t.tenantId, t.jobId], foreignColumns: [jobs.tenantId, jobs.id] }).onDelete('cascade'),
    // The few that were not done are found among many that were.
    index('job_rows_not_done').on(t.tenantId, t.jobId, t.number).where(sql`outcome <> 'done'`),
  ],
);

export type JobDeed = (typeof jobDeed.enumValues)[number];
export type JobStop = (typeof jobStop.enumValues)[number];
export type Job = typeof jobs.$inferSelect;
export type JobRow = typeof jobRows.$inferSelect;
