import { getTableName } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { purposeOf } from '@/db/key-proof';

import { totpEnrolments, totpFactors } from '@/db/schema/factors';
import { lastingKeys } from '@/db/schema/lasting-keys';
import { mails } from '@/db/schema/mails';
import { samlKeys } from '@/db/schema/saml';
import { transaction } from '@/db/transaction';
import { decodeSessionCookie, encodeSessionCookie } from '@/lib/auth/cookie';
import { authOptions } from '@/lib/auth/options';
import { seal, unseal } from '@/lib/crypto/seal';
import { env } from '@/lib/env';
import { showInvitationLink } from '@/lib/invitations/handle';
import { sealTotp, unsealTotp } from '@/lib/mfa/totp';
import { clear, LIMITS, take } from '@/lib/rate-limit';
import { PLACES, resealAll } from '@/lib/reseal';
import {
  announceKeyPair,
  dropOldKeyPairs,
  ensureKeyPair,
  keyPairs,
  rotateKeyPair,
  switchKeyPair,
} from '@/lib/saml/keys';
import { newRequestId, readRequestId } from '@/lib/saml/request-id';
import { findSession } from '@/lib/sessions/find';
import { isDeprovisioned, noteDeparture } from '@/lib/users/departures';
import { actorOf, cast, signedIn } from '../support/cast';

const SECRETS = { AUTH_SECRET: env().AUTH_SECRET, SEALING_KEY: env().SEALING_KEY };
let changes = 0;

/** As the operator does it: a new one, and the old one beside it for a while. */
function change(): void {
  changes++;
  const { AUTH_SECRET, SEALING_KEY } = env();
  Object.assign(env(), {
    AUTH_SECRET: `a new secret of the tests, number ${changes}, long enough`,
    AUTH_SECRET_PREVIOUS: [AUTH_SECRET],
    SEALING_KEY: Buffer.alloc(32, 100 + changes).toString('base64'),
    SEALING_KEY_PREVIOUS: [SEALING_KEY],
  });
}

const giveUpOldOnes = () => Object.assign(env(), { AUTH_SECRET_PREVIOUS: [], SEALING_KEY_PREVIOUS: [] });

beforeEach(() => {
  Object.assign(env(), SECRETS);
  giveUpOldOnes();
});

describe('after a change of AUTH_SECRET', () => {
  test('whoever is signed in stays so, until the old secret is given up', async () => {
    const { acme } = await cast();
    const { token } = await signedIn(acme.sam);
    const cookie = await encodeSessionCookie(token);
    change();
    expect(await decodeSessionCookie(cookie)).toBe(token);
    expect(await findSession(token)).toMatchObject({ userId: acme.sam.id });
    const { jwt } = authOptions();
    expect(await jwt?.decode?.({ token: cookie, secret: env().AUTH_SECRET })).toMatchObject({ sid: token });
    // New ones are of the new secret.
    const later = await encodeSessionCookie(token);
    giveUpOldOnes();
    expect(await decodeSessionCookie(later)).toBe(token);
    expect(await decodeSessionCookie(cookie)).toBeNull();
    expect(await jwt?.decode?.({ token: cookie, secret: env().AUTH_SECRET })).toBeNull();
  });

  test('a question to an identity provider is still known as ours', () => {
    const [now, connection] = [new Date(), newId()];
    const id = newRequestId('sign-in', connection, now);
    change();
    expect(readRequestId(id, connection, now)).toMatchObject({ kind: 'sign-in' });
    giveUpOldOnes();
    expect(readRequestId(id, connection, now)).toBe('unknown');
  });

  test('guesses go on being counted', async () => {
    const subject = `guessed-${newId()}@example.com`;
    const limit = { ...LIMITS.signInAccount, tries: 2 };
    expect([await take(limit, subject), await take(limit, subject)]).toEqual([0, 0]);
    change();
    giveUpOldOnes();
    expect(await take(limit, subject)).toBe(1);
    await clear([limit, subject]);
  });
});

describe('after a change of SEALING_KEY', () => {
  test('what was sealed is opened, and what is sealed is so by the new key', () => {
    const before = seal('the link', 'invitation-link');
    change();
    expect(unseal(before, 'invitation-link')).toBe('the link');
    expect(unseal(before, 'mail')).toBeNull();
    const after = seal('the link', 'invitation-link');
    giveUpOldOnes();
    expect([unseal(before, 'invitation-link'), unseal(after, 'invitation-link')]).toEqual([null, 'the link']);
  });

  test('whom the identity provider deleted stays away', async () => {
    const { acme } = await cast();
    await transaction((tx, now) => noteDeparture(tx, now, acme.tenant.id, ['Gone@example.com']));
    change();
    giveUpOldOnes();
    expect(await isDeprovisioned(acme.tenant.id, ['gone@EXAMPLE.com'])).toBe(true);
  });

  test('all is sealed anew, once, so that the old key can be given up', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await ensureKeyPair();
    const [pair] = await keyPairs();
    const now = new Date();
    const mail = {
      tenantId: acme.tenant.id,
      kind: 'security',
      toAddress: 'x@example.com',
      nextAttemptAt: now,
      createdAt: now,
    };
    const MANY = 1_001;
    await db.insert(mails).values(
      Array.from({ length: MANY }, (_, i) => ({
        ...mail,
        id: newId(),
        messageId: `<${i}>`,
        contentSealed: seal(`mail ${i}`, 'mail'),
      })),
    );
    const factor = { tenantId: acme.tenant.id, userId: acme.sam.id, lastStep: 0, createdAt: now, lastUsedAt: now };
    await db.insert(totpFactors).values({ ...factor, secretSealed: sealTotp('a secret') });
    const { sessionId } = ada;
    await db.insert(totpEnrolments).values({ sessionId, secretSealed: sealTotp('another'), createdAt: now });

    change();
    const first = await resealAll();
    expect(first['waiting mail']?.resealed).toBeGreaterThan(MANY);
    for (const [place, counted] of Object.entries(first)) {
      expect(counted, place).toMatchObject({ current: 0, unopenable: 0 });
      expect(counted.resealed, place).toBeGreaterThan(0);
    }
    const again = await resealAll();
    expect(Object.values(again).every(({ resealed, unopenable }) => resealed + unopenable === 0)).toBe(true);

    giveUpOldOnes();
    expect(await showInvitationLink(ada, { userId: acme.ivy.id })).toMatchObject({ ok: true });
    expect((await keyPairs())[0]).toEqual(pair);
    const [{ secretSealed } = { secretSealed: '' }] = await db.select().from(totpFactors);
    expect(unsealTotp(secretSealed)).toBe('a secret');
    const lasting = await db.select().from(lastingKeys);
    expect(lasting.map(({ name, keySealed }) => unseal(keySealed, purposeOf(name)))).not.toContain(null);
  });

  test('what another key sealed is counted, and stays as it is', async () => {
    const before = await db.select().from(mails);
    change();
    giveUpOldOnes();
    const { unopenable } = (await resealAll())['waiting mail'] ?? {};
    expect(unopenable).toBe(before.filter(({ contentSealed }) => contentSealed !== null).length);
    expect(await db.select().from(mails)).toEqual(before);
    await db.delete(mails);
    await db.delete(samlKeys);
  });

  test('no sealed column is forgotten', async () => {
    const columns = await db.$client<{ name: string }[]>`
      select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and column_name like '%\\_sealed' order by 1`;
    const places = Object.values(PLACES).map(({ table, sealed }) => `${getTableName(table)}.${sealed.name}`);
    expect(places.sort()).toEqual(columns.map(({ name }) => name));
  });
});

describe('the SAML key pair', () => {
  const certificates = async () => (await keyPairs()).map(({ certificate }) => certificate);

  test('is announced, then signs, then the old one is dropped', async () => {
    await ensureKeyPair();
    const [old] = await certificates();
    expect(await switchKeyPair()).toEqual({ ok: false, refusal: 'no-key-announced' });

    const announced = await announceKeyPair();
    const next = announced.ok ? announced.value.certificate : '';
    expect(await certificates()).toEqual([old, next]);
    expect(await announceKeyPair()).toEqual({ ok: false, refusal: 'key-announced' });
    // What does not sign yet is not dropped either.
    expect(await dropOldKeyPairs()).toEqual({ dropped: 0 });

    expect(await switchKeyPair()).toMatchObject({ ok: true, value: { certificate: next } });
    expect(await certificates()).toEqual([next, old]);
    expect(await dropOldKeyPairs()).toEqual({ dropped: 1 });
    expect(await certificates()).toEqual([next]);
  });

  test('that was made at once takes nothing from one that is announced', async () => {
    const announced = await announceKeyPair();
    const { certificate } = await rotateKeyPair();
    const all = await certificates();
    expect(all[0]).toBe(certificate);
    expect(all.at(-1)).toBe(announced.ok && announced.value.certificate);
  });
});
