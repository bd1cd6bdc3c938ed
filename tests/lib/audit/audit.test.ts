import { readdirSync, readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { sentence } from '@/lib/audit/sentence';
import { invite } from '@/lib/invitations/invite';
import { findSession } from '@/lib/sessions/find';
import { deactivate } from '@/lib/users/deactivate';
import { actorOf, cast, reread, signedIn } from '../../support/cast';

describe('an entry', () => {
  const entry = {
    actorKind: 'user' as const,
    actorId: 'a',
    actorLabel: 'ada@x.example',
    targetId: 'b',
    targetLabel: 'sam@x.example',
  };

  test('reads as a sentence', () => {
    const say = (action: string, details: Record<string, unknown>, more = {}) =>
      sentence({ ...entry, action, details, ...more });
    expect(say('user.role-changed', { before: 'standard_user', after: 'tenant_admin' })).toBe(
      'ada@x.example changed the role of sam@x.example from Standard User to Tenant Admin',
    );
    expect(say('user.deactivated', { sessionsEnded: 1, invitationsRevoked: 0, resetsRevoked: 2 })).toBe(
      'ada@x.example deactivated sam@x.example: 1 session ended, 2 password resets revoked',
    );
    expect(
      say('user.removed', { sessionsEnded: 0, invitationsRevoked: 1, resetsRevoked: 0 }, { actorKind: 'cli' }),
    ).toBe('ada@x.example (command line) removed sam@x.example: 0 sessions ended, 1 invitation revoked');
    expect(say('user.sessions-ended', { sessionsEnded: 2 }, { targetId: 'a' })).toBe(
      'ada@x.example signed themself out: 2 sessions ended',
    );
  });

  test('has a sentence for every action that is recorded, and every action is recorded somewhere', () => {
    const catalogue = [...readFileSync('lib/audit/catalogue.ts', 'utf8').matchAll(/^ {2}'([a-z.-]+)':/gm)].map(
      ([, action]) => String(action),
    );
    const sources = ['lib', 'scripts'].flatMap((room) =>
      readdirSync(room, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.startsWith('audit/'))
        .map((file) => readFileSync(`${room}/${file}`, 'utf8')),
    );
    expect(catalogue.length).toBeGreaterThan(20);
    for (const action of catalogue) {
      expect([action, sources.some((source) => source.includes(`'${action}'`))]).toEqual([action, true]);
    }
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
