import { readdirSync, readFileSync } from 'node:fs';
import { eq, sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';
import { users } from '@/db/schema/users';
import { AUDIT_ACTIONS, sentence } from '@/lib/audit/sentence';
import { invite } from '@/lib/invitations/invite';
import { findSession } from '@/lib/sessions/find';
import { deactivate } from '@/lib/users/deactivate';
import { rowOf } from '@/lib/users/find';
import { editProfile } from '@/lib/users/profile';
import { actorOf, cast, newUser, reread, signedIn } from '../../support/cast';
import { trailOf } from '../../support/trail';

describe('an entry', () => {
  const entry = {
    actorKind: 'user' as const,
    actorId: 'a',
    actorLabel: 'ada@x.example',
    actorName: 'Ada Lovelace',
    targetId: 'b',
    targetLabel: 'grace@x.example',
    targetName: 'Grace Hopper',
  };

  test('reads as a sentence', () => {
    const say = (action: string, details: Record<string, unknown>, more = {}) =>
      sentence({ ...entry, action, details, ...more });
    expect(say('user.role-changed', { before: 'standard_user', after: 'tenant_admin' })).toBe(
      'Ada Lovelace made Grace Hopper a Tenant Admin',
    );
    const ended = { sessionsEnded: 1, keysRevoked: 2, invitationsRevoked: 0, resetsRevoked: 2 };
    expect(say('user.deactivated', ended)).toBe(
      'Ada Lovelace deactivated Grace Hopper: 1 session ended, 2 API keys revoked, 2 password resets revoked',
    );
    expect(say('user.reactivated', {}, { actorKind: 'api_key', keyName: 'Deploy' })).toBe(
      'Ada Lovelace (API key “Deploy”) reactivated Grace Hopper',
    );
    const shell = { actorKind: 'cli', actorLabel: 'root@host', actorName: null, targetName: null };
    expect(say('user.removed', { sessionsEnded: 0, invitationsRevoked: 1, resetsRevoked: 0 }, shell)).toBe(
      'root@host (command line) removed grace@x.example: 0 sessions ended, 1 invitation revoked',
    );
    expect(say('user.sessions-ended', { sessionsEnded: 2 }, { targetId: 'a' })).toBe(
      'Ada Lovelace signed themself out: 2 sessions ended',
    );
  });

  test('has a command for every sentence, and a sentence for every command', () => {
    const sources = ['lib', 'scripts', 'app'].flatMap((room) =>
      readdirSync(room, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.tsx?$/.test(file) && file !== 'audit/record.ts')
        .map((file) => readFileSync(`${room}/${file}`, 'utf8')),
    );
    // What a call of `record` or `recordMany` names as its action, one or the other of two.
    const calls = sources.flatMap((source) =>
      [...source.matchAll(/\brecord(?:Many)?\(\s*tx,[^;]*?;/g)].map(([call]) => call),
    );
    const recorded = calls.flatMap((call) => [...call.matchAll(/'([a-z-]+\.[a-z-]+)'/g)].map(([, action]) => action));
    expect(calls.length).toBeGreaterThan(25);
    expect(calls.filter((call) => !/'[a-z-]+\.[a-z-]+'/.test(call))).toEqual([]);
    expect([...new Set(recorded)].sort()).toEqual([...AUDIT_ACTIONS].sort());
  });

  test('keeps the names of actor and target as they were', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await editProfile(ada, { userId: acme.sam.id, email: acme.sam.email, firstName: 'Samuel', lastName: 'Clemens' });
    await editProfile(ada, { userId: acme.sam.id, email: acme.sam.email, firstName: 'Mark', lastName: 'Twain' });
    expect((await trailOf(acme.sam)).map(sentence)).toEqual([
      'Ada Acme changed the first name, last name of Samuel Clemens',
      'Ada Acme changed the first name, last name of Sam Acme',
    ]);
  });

  test('names somebody who had no name before the deed as they are called after it', async () => {
    const { acme } = await cast();
    const nameless = await newUser(acme.tenant, 'nameless');
    await db.update(users).set({ firstName: '', lastName: '' }).where(rowOf(nameless));
    const ada = await actorOf(acme.ada);
    await editProfile(ada, { userId: nameless.id, email: nameless.email, firstName: 'Nell', lastName: 'Named' });
    const [entry] = await db.select().from(auditEntries).where(eq(auditEntries.targetId, nameless.id));
    expect(entry).toMatchObject({ action: 'user.profile-changed', targetName: 'Nell Named', actorName: 'Ada Acme' });
    expect(entry?.search).toContain('nell named');
  });
});

describe('a deed that cannot be recorded does not happen', () => {
  const breakAudit = () => db.execute(sql`alter table audit_entries add constraint broken check (false) not valid`);
  afterEach(() => db.execute(sql`alter table audit_entries drop constraint if exists broken`));

  test('no status changes, no session ends, nobody is born and no mail waits', async () => {
    const { acme } = await cast();
    const { token } = await signedIn(acme.sam);
    const ada = await actorOf(acme.ada);
    const counts = () =>
      db.execute(
        sql`select (select count(*) from users) as users, (select count(*) from mails) as mails, (select count(*) from invitations) as invitations`,
      );
    const before = await counts();
    await breakAudit();
    await expect(deactivate(ada, { userId: acme.sam.id })).rejects.toThrow();
    await expect(
      invite(ada, { email: 'n@x.example', firstName: '', lastName: '', role: 'standard_user' }),
    ).rejects.toThrow();
    expect((await reread(acme.sam)).status).toBe('active');
    expect(await findSession(token)).not.toBeNull();
    expect([...(await counts())]).toEqual([...before]);
  });
});
