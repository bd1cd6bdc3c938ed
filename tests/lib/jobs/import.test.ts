import { eq, sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';
import { users } from '@/db/schema/users';
import { tidy } from '@/lib/housekeeping';
import { invite } from '@/lib/invitations/invite';
import { beginImport } from '@/lib/jobs/begin-import';
import { exportJob } from '@/lib/jobs/export';
import { findJob } from '@/lib/jobs/read';
import { resumeJob } from '@/lib/jobs/resume';
import { stopJob } from '@/lib/jobs/stop';
import { work } from '@/lib/jobs/work';
import { remove } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import { actorOf, cast } from '../../support/cast';
import { draftOf, jobEntries, jobOf, outcomesOf, tracesOf, unwrapped, workOff } from '../../support/jobs';
import { race } from '../../support/race';

const ALL_NEW = { verdicts: ['new' as const], numbers: [] };
const addresses = (n: number, slug: string) => Array.from({ length: n }, (_, i) => `p${i}@${slug}.example`);

/** Ada, and a list of hers that is confirmed and not worked on yet. */
async function begun(n = 3) {
  const people = await cast();
  const { acme } = people;
  const ada = await actorOf(acme.ada);
  const emails = addresses(n, acme.tenant.slug);
  const jobId = await draftOf(ada, emails.join('\n'));
  unwrapped(await beginImport(ada, jobId, ALL_NEW));
  return { ...people, ada, emails, jobId };
}

describe('a list that was confirmed', () => {
  test('invites whom was chosen, and nobody else', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const at = (name: string) => `${name}@${acme.tenant.slug}.example`;
    const jobId = await draftOf(ada, [at('new'), at('info'), at('office'), at('ivy'), at('sam'), 'broken'].join('\n'));
    expect(await tracesOf(acme.tenant.id, [at('new'), at('info')])).toEqual([
      { entries: 0, invitations: 0, mails: 0, n: 2 },
    ]);
    unwrapped(await beginImport(ada, jobId, { verdicts: ['new', 'already-user', 'malformed'], numbers: [2, 5, 6] }));
    expect(await workOff(jobId)).toBe(0);
    expect(await outcomesOf(jobId)).toEqual({
      new: 'done',
      info: 'done',
      office: null,
      ivy: null,
      sam: null,
      broken: null,
    });
    expect(await tracesOf(acme.tenant.id, [at('new'), at('info')])).toEqual([
      { entries: 1, invitations: 1, mails: 1, n: 2 },
    ]);
    expect(await jobOf(jobId)).toMatchObject({ status: 'finished', total: 2, done: 2, refused: 0 });
    expect(await jobEntries(acme.tenant.id)).toMatchObject([
      { action: 'job.begun', actorId: acme.ada.id, details: { jobId, deed: 'invite', people: 2 } },
      { action: 'job.ended', actorId: acme.ada.id, details: { done: 2, refused: 0 } },
    ]);
    const [entry] = await db
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.targetLabel, at('new')));
    expect(entry).toMatchObject({ action: 'user.invited', actorId: acme.ada.id, sessionId: ada.sessionId });
  });

  test('of which nobody was chosen is not begun', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const jobId = await draftOf(ada, `${acme.sam.email}\nbroken`);
    expect(await beginImport(ada, jobId, { verdicts: ['new', 'malformed'], numbers: [1, 2] })).toEqual({
      ok: false,
      refusal: 'nobody-chosen',
    });
    expect(await workOff(jobId)).toBe(0);
    expect(await jobOf(jobId)).toMatchObject({ status: 'draft' });
  });

  test('is one job, however often it is confirmed', async () => {
    const { acme, ada, emails, jobId } = await begun();
    await race(Array.from({ length: 4 }, () => () => beginImport(ada, jobId, ALL_NEW)));
    await workOff(jobId);
    expect(await beginImport(ada, jobId, ALL_NEW)).toMatchObject({ ok: true });
    await workOff(jobId);
    expect(await tracesOf(acme.tenant.id, emails)).toEqual([{ entries: 1, invitations: 1, mails: 1, n: 3 }]);
    expect((await jobEntries(acme.tenant.id)).map(({ action }) => action)).toEqual(['job.begun', 'job.ended']);
  });

  test('that comes again invites nobody twice, unless it is chosen', async () => {
    const { acme, ada, emails, jobId } = await begun();
    await workOff(jobId);
    const again = await draftOf(ada, emails.join('\n'));
    expect(await beginImport(ada, again, ALL_NEW)).toMatchObject({ refusal: 'nobody-chosen' });
    unwrapped(await beginImport(ada, again, { verdicts: [], numbers: [1] }));
    await workOff(again);
    expect(await tracesOf(acme.tenant.id, emails)).toEqual(
      expect.arrayContaining([{ entries: 1, invitations: 1, mails: 1, n: 2 }]),
    );
    expect(await outcomesOf(again)).toEqual({ p0: 'done', p1: null, p2: null });
  });

  test('leaves alone who became something else meanwhile, and says what', async () => {
    const { acme, ada, emails, jobId } = await begun();
    const grace = await actorOf(acme.grace);
    const invitee = { firstName: '', lastName: '', role: null };
    await invite(grace, { ...invitee, email: String(emails[0]).toUpperCase() });
    const { userId } = unwrapped(await invite(grace, { ...invitee, email: String(emails[1]) }));
    await db.update(users).set({ status: 'active' }).where(eq(users.id, userId));
    await workOff(jobId);
    expect(await outcomesOf(jobId)).toEqual({ p0: 'invited-meanwhile', p1: 'already-user', p2: 'done' });
    expect(await jobOf(jobId)).toMatchObject({ done: 1, refused: 2 });
    expect(ada.userId).not.toBe(grace.userId);
  });

  test('is carried out once by several processes at the same moment', async () => {
    const { acme, emails, jobId } = await begun(520);
    await race(Array.from({ length: 4 }, () => () => workOff(jobId)));
    await workOff(jobId);
    expect(await tracesOf(acme.tenant.id, emails)).toEqual([{ entries: 1, invitations: 1, mails: 1, n: 520 }]);
    expect(await jobOf(jobId)).toMatchObject({ status: 'finished', done: 520, refused: 0 });
  });
});

test('a list with characters that no database keeps is a list all the same', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const jobId = await draftOf(ada, 'email,first name\na\0b@x.example,A\nnew@x.example,N\0');
  unwrapped(await beginImport(ada, jobId, ALL_NEW));
  await workOff(jobId);
  expect(await outcomesOf(jobId)).toEqual({ 'a\uFFFDb': null, new: 'done' });
});

describe('a job stops', () => {
  test('at the button; what was done stays, and it goes on from there', async () => {
    const { acme, ada, emails, jobId } = await begun(300);
    await work(jobId);
    unwrapped(await stopJob(ada, { jobId }));
    expect(await workOff(jobId)).toBe(0);
    expect(await jobOf(jobId)).toMatchObject({ status: 'stopped', stopped: 'asked', done: 250 });
    expect(await stopJob(ada, { jobId })).toMatchObject({ refusal: 'job-not-open' });
    const grace = await actorOf(acme.grace);
    unwrapped(await resumeJob(grace, { jobId }));
    expect(await resumeJob(grace, { jobId })).toMatchObject({ refusal: 'job-not-stopped' });
    await workOff(jobId);
    expect(await jobOf(jobId)).toMatchObject({ status: 'finished', done: 300, stopped: null });
    expect(await tracesOf(acme.tenant.id, emails)).toEqual([{ entries: 1, invitations: 1, mails: 1, n: 300 }]);
    expect((await jobEntries(acme.tenant.id)).map(({ action, actorLabel }) => [action, actorLabel])).toEqual([
      ['job.begun', acme.ada.email],
      ['job.stopped', acme.ada.email],
      ['job.resumed', acme.grace.email],
      ['job.ended', acme.grace.email],
    ]);
    const last = await db
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.targetLabel, String(emails[299])));
    expect(last).toMatchObject([{ actorId: acme.grace.id }]);
  });

  test.each([
    ['is signed out', forceSignOut],
    [
      'is no admin any more',
      (actor: Parameters<typeof forceSignOut>[0], { userId }: { userId: string }) =>
        changeRole(actor, { userId, role: 'standard_user' }),
    ],
    ['is removed', remove],
  ])('at the next batch when who began it %s', async (_, deed) => {
    const { acme, jobId } = await begun(300);
    await work(jobId);
    await deed(await actorOf(acme.grace), { userId: acme.ada.id });
    await workOff(jobId);
    expect(await jobOf(jobId)).toMatchObject({ status: 'stopped', stopped: 'actor', done: 250 });
    expect((await jobEntries(acme.tenant.id)).at(-1)).toMatchObject({
      action: 'job.stopped',
      actorKind: 'system',
      details: { reason: 'actor', done: 250 },
    });
  });
});

describe('a row that cannot be done', () => {
  const failOn = (email: string) =>
    db.execute(
      sql.raw(`create function fail_on() returns trigger language plpgsql as $$ begin
        if new.email like '${email}' then raise exception 'a fault'; end if; return new; end $$;
        create trigger fail_on before insert on users for each row execute function fail_on()`),
    );
  afterEach(() => db.execute(sql`drop function if exists fail_on cascade`).then(() => {}));

  test('keeps nobody else from being invited', async () => {
    const { acme, emails, jobId } = await begun(10);
    await failOn('p4@%');
    expect(await workOff(jobId)).toBe(4);
    expect(await jobOf(jobId)).toMatchObject({ status: 'finished', done: 9, refused: 1 });
    expect((await outcomesOf(jobId)).p4).toBe('unexpected');
    expect(
      await tracesOf(
        acme.tenant.id,
        emails.filter((email) => !email.startsWith('p4@')),
      ),
    ).toEqual([{ entries: 1, invitations: 1, mails: 1, n: 9 }]);
  });

  test('with nine others ends the job', async () => {
    const { jobId } = await begun(30);
    await failOn('%');
    await workOff(jobId);
    expect(await jobOf(jobId)).toMatchObject({ status: 'stopped', stopped: 'fault', done: 0, refused: 10 });
  });
});

describe('the result', () => {
  test('is downloaded with every row, guarded against formulas, and leaves an entry', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const jobId = await draftOf(
      ada,
      `email,first name\nnew@${acme.tenant.slug}.example,=1+1\nbroken,\n${acme.sam.email},`,
    );
    unwrapped(await beginImport(ada, jobId, ALL_NEW));
    await workOff(jobId);
    const { csv } = unwrapped(await exportJob(ada, { jobId }));
    const lines = (await new Response(csv).text()).trim().split('\r\n');
    expect(lines[0]).toContain('Row,Email,First Name,Last Name,Role,Result,Reason,User Id');
    expect(lines[1]).toContain(`2,new@${acme.tenant.slug}.example,'=1+1,,,done,,`);
    expect(lines[2]).toBe('3,broken,,,,left out,Is not an e-mail address.,');
    expect(lines[3]).toContain('left out,Is a user already.');
    expect((await jobEntries(acme.tenant.id)).at(-1)).toMatchObject({ action: 'job.exported', actorId: acme.ada.id });
  });
});

test('jobs are kept for thirty days, a list that nobody confirmed for one, and none while it is open', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const text = (name: string) => `${name}@${acme.tenant.slug}.example`;
  const [ended, open, draft] = [
    await draftOf(ada, text('a')),
    await draftOf(ada, text('b')),
    await draftOf(ada, text('c')),
  ];
  for (const jobId of [ended, open]) unwrapped(await beginImport(ada, jobId, ALL_NEW));
  await workOff(ended);
  const kept = async (days: number) => {
    await tidy(new Date(Date.now() + days * 86_400_000));
    const found = await Promise.all([ended, open, draft].map((jobId) => findJob(acme.tenant.id, jobId)));
    return found.map((job) => job !== null);
  };
  expect(await kept(0.9)).toEqual([true, true, true]);
  expect(await kept(1.1)).toEqual([true, true, false]);
  expect(await kept(29)).toEqual([true, true, false]);
  expect(await kept(31)).toEqual([false, true, false]);
});

test('a job of another tenant does not exist, and a standard user has none', async () => {
  const { acme, globex, jobId } = await begun();
  const [mallory, sam] = [await actorOf(globex.mallory), await actorOf(acme.sam)];
  expect(await findJob(globex.tenant.id, jobId)).toBeNull();
  for (const deed of [stopJob, resumeJob, exportJob]) {
    expect(await deed(mallory, { jobId })).toEqual({ ok: false, refusal: 'job-not-found' });
    expect(await deed(sam, { jobId })).toEqual({ ok: false, refusal: 'not-allowed' });
  }
  expect(await beginImport(mallory, jobId, ALL_NEW)).toEqual({ ok: false, refusal: 'job-not-found' });
  expect(await jobOf(jobId)).toMatchObject({ status: 'open', done: 0 });
});
